package policy_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/policysite/policysite/builder/policy"
)

// What a key of another generator's front matter does here.
const (
	read  = "read"  // as the key of this name
	none  = "none"  // passed over in silence
	warns = "warns" // passed over with a warning
)

// generators have the keys that the documentation of each shows, and what they do.
var generators = []struct {
	name, front string
	keys        map[string]string
}{
	{"Hugo", `
title: Terms
linkTitle: T
description: What holds
date: 2024-02-02T04:14:54-08:00
lastmod: 2024-03-02T04:14:54-08:00
publishDate: 2024-02-02T04:14:54-08:00
expiryDate: 2034-02-02
draft: false
weight: 10
slug: the-terms
layout: single
type: legal
summary: How it is in short.
keywords: [a, b]
aliases:
  - /old/one/
  - two
build:
  list: never
cascade:
  - target:
      path: /articles/**
    params:
      background: sea.jpg
menus:
  main:
    parent: Legal
resources:
  - src: "*.jpg"
sitemap:
  priority: 0.5
outputs: [html, rss]
params:
  contact: someone
isCJKLanguage: false
headless: false
markup: goldmark
translationKey: terms
tags: [a]
categories: [b]
`, map[string]string{
		"title": read, "description": read, "lastmod": read, "publishDate": read, "expiryDate": read, "draft": read, "weight": read, "slug": read,
		"layout": read, "summary": read, "aliases": read,
		"linkTitle": none, "date": none, "type": none, "keywords": none, "build": none, "cascade": none, "menus": none, "resources": none,
		"sitemap": none, "outputs": none, "params": read, "isCJKLanguage": none, "headless": none, "markup": none, "translationKey": none,
		"tags": none, "categories": none,
	}},
	{"Jekyll", `
layout: page
title:  "Terms"
date:   2015-11-17 16:16:01 -0600
last_modified_at: 2016-01-02 10:00:00 +0100
categories: [legal, terms]
tags: a b c
permalink: /:categories/:title:output_ext
published: true
excerpt_separator: <!--more-->
redirect_from:
  - /post/1/#fees
  - /post/1/
redirect_to:
  - https://example.com/
nav_order: 1
sitemap: false
render_with_liquid: false
food: Pizza
`, map[string]string{
		"layout": read, "title": read, "last_modified_at": read, "published": read, "redirect_from": read,
		"date": none, "categories": none, "tags": none, "excerpt_separator": none, "redirect_to": none, "nav_order": none, "sitemap": none, "render_with_liquid": none,
		"permalink": warns, "food": warns,
	}},
	{"MkDocs", `
title: Terms
summary: In short.
description: What holds
authors:
    - Ann Example
date: 2018-07-10
template: legal.html
hide:
  - navigation
status: new
icon: material/scale
search:
  exclude: true
comments: true
tags:
  - HTML5
some_url: https://example.com
`, map[string]string{
		"title": read, "summary": read, "description": read,
		"authors": none, "date": none, "template": none, "hide": none, "status": none, "icon": none, "search": none, "comments": none, "tags": none,
		"some_url": warns,
	}},
	{"Docusaurus", `
id: terms-of-use
title: Terms
title_meta: The terms
hide_title: false
hide_table_of_contents: false
toc_min_heading_level: 2
toc_max_heading_level: 3
sidebar_label: Terms
sidebar_position: 3
sidebar_class_name: a
sidebar_custom_props:
  a: b
sidebar_key: k
displayed_sidebar: legal
pagination_label: Terms
pagination_next: null
pagination_prev: null
parse_number_prefixes: true
custom_edit_url: https://example.com/edit.md
description: What holds
keywords:
  - docs
tags: [legal]
image: https://example.com/a.png
slug: /our-terms
last_update:
  date: 1/1/2000
  author: someone
draft: false
unlisted: false
`, map[string]string{
		"id": read, "title": read, "description": read, "slug": read, "draft": read,
		"title_meta": none, "hide_title": none, "hide_table_of_contents": none, "toc_min_heading_level": none, "toc_max_heading_level": none,
		"sidebar_label": none, "sidebar_position": none, "sidebar_class_name": none, "sidebar_custom_props": none, "sidebar_key": none,
		"displayed_sidebar": none, "pagination_label": none, "pagination_next": none, "pagination_prev": none, "parse_number_prefixes": none,
		"custom_edit_url": none, "keywords": none, "tags": none, "image": none, "last_update": none, "unlisted": none,
	}},
	{"Antora", `
description: What holds
keywords: a, b
navtitle: Terms
page-layout: legal
page-aliases: a.adoc, module:b.adoc
page-tags: [a, b]
page-role: c
`, map[string]string{
		"description": read,
		"keywords":    none, "navtitle": none, "page-layout": none, "page-aliases": none, "page-tags": none, "page-role": none,
	}},
	{"Eleventy", `
layout: legal.njk
title: Terms
permalink: "legal/{{ page.fileSlug }}/index.html"
date: git Last Modified
tags: post
pagination:
  data: parties
  size: 2
parties:
  - a
eleventyNavigation:
  key: Terms
  parent: Legal
eleventyComputed:
  title: "{{ name }}"
eleventyExcludeFromCollections: true
eleventyImport:
  collections: ["post"]
templateEngineOverride: njk,md
dynamicPermalink: false
override:tags: []
`, map[string]string{
		"layout": read, "title": read,
		"date": none, "tags": none, "pagination": none, "eleventyNavigation": none, "eleventyComputed": none, "eleventyExcludeFromCollections": none,
		"eleventyImport": none, "templateEngineOverride": none, "dynamicPermalink": none, "override:tags": none,
		"permalink": warns, "parties": warns,
	}},
	{"mdBook", "", map[string]string{}}, // it has no front matter
	{"Sphinx", `
orphan: true
nocomments: true
nosearch: true
tocdepth: 2
html_theme.sidebar_secondary.remove: true
myst:
  enable_extensions: ["colon_fence"]
  html_meta:
    "description lang=en": "What holds"
    "property=og:locale": "en_US"
  substitutions:
    party: the **buyer**
`, map[string]string{"orphan": none, "nocomments": none, "nosearch": none, "tocdepth": none, "html_theme.sidebar_secondary.remove": none, "myst": none}},
	{"MyST", `
title: Terms
short_title: T
subtitle: For all
date: 2022-05-11
authors:
  - name: Ann Example
    affiliations:
      - Example University
license: CC-BY-4.0
open_access: true
doi: 10.1000/x
subject: Law
venue: A journal
biblio:
  volume: 1
kernelspec:
  name: python3
jupytext:
  formats: md:myst
numbering:
  heading_1: true
abbreviations:
  DPA: Data processing agreement
exports:
  - format: pdf
thumbnail: a.png
bibliography: [a.bib]
parts:
  abstract: |
    In short.
`, map[string]string{
		"title":       read,
		"short_title": none, "subtitle": none, "date": none, "authors": none, "license": none, "open_access": none, "doi": none, "subject": none,
		"venue": none, "biblio": none, "kernelspec": none, "jupytext": none, "numbering": none, "abbreviations": none, "exports": none,
		"thumbnail": none, "bibliography": none, "parts": none,
	}},
	{"Zola", `+++
title = "Terms"
description = ""
date = 2024-01-02
updated = 2024-01-03T10:00:00Z
weight = 0
draft = false
slug = ""
path = "legal/terms"
aliases = []
authors = ["a"]
in_search_index = true
template = "page.html"
page_template = "page.html"
sort_by = "date"
paginate_by = 10
insert_anchor_links = "none"
render = true
transparent = false
generate_feeds = false
redirect_to = ""
[taxonomies]
tags = ["a"]
[extra]
a = { b = [1, 2] }
[[extra.c]]
d = 1
`, map[string]string{
		"title": read, "description": read, "updated": read, "weight": read, "draft": read, "slug": read, "aliases": read,
		"date": none, "path": none, "authors": none, "in_search_index": none, "template": none, "page_template": none, "sort_by": none, "paginate_by": none,
		"insert_anchor_links": none, "render": none, "transparent": none, "generate_feeds": none, "redirect_to": none, "taxonomies": none, "extra": none,
	}},
	{"VitePress", `
title: Terms
titleTemplate: Of Acme
description: What holds
head:
  - - meta
    - name: keywords
      content: terms
layout: doc
hero:
  name: Acme
  actions:
    - theme: brand
      text: Start
features:
  - icon: x
    title: y
navbar: true
sidebar: false
aside: left
outline: [2, 3]
lastUpdated: false
editLink: true
footer: false
pageClass: legal
isHome: false
prev: false
next:
  text: Fees
  link: /fees
dir: ltr
lang: en-US
markdownStyles: false
`, map[string]string{
		"title": read, "description": read, "layout": read, "lang": read,
		"titleTemplate": none, "head": none, "hero": none, "features": none, "navbar": none, "sidebar": none, "aside": none, "outline": none,
		"lastUpdated": none, "editLink": none, "footer": none, "pageClass": none, "isHome": none, "prev": none, "next": none, "dir": none, "markdownStyles": none,
	}},
	{"Astro", `
layout: ../../layouts/Legal.astro
title: Terms
author: Ann Example
pubDate: 2022-07-01
updatedDate: 2022-08-01
heroImage: ./a.png
image:
  url: "https://example.com/a.webp"
  alt: "A sea."
tags: ["legal"]
`, map[string]string{"layout": read, "title": read, "author": none, "pubDate": none, "updatedDate": none, "heroImage": none, "image": none, "tags": none}},
	{"Starlight", `
title: Terms
description: What holds
slug: our-terms
editUrl: false
head:
  - tag: title
    content: The terms
tableOfContents:
  minHeadingLevel: 2
template: splash
hero:
  title: x
banner:
  content: |
    New terms
lastUpdated: 2022-08-09
prev: false
next:
  link: /fees/
pagefind: false
draft: false
sidebar:
  label: Terms
  badge: New
`, map[string]string{
		"title": read, "description": read, "slug": read, "draft": read,
		"editUrl": none, "head": none, "tableOfContents": none, "template": none, "hero": none, "banner": none, "lastUpdated": none,
		"prev": none, "next": none, "pagefind": none, "sidebar": none,
	}},
}

// canonical are the names under which keys of others are read.
var canonical = map[string]string{"lastmod": "last-updated", "last_modified_at": "last-updated", "updated": "last-updated", "redirect_from": "aliases"}

var topKey = regexp.MustCompile(`(?m)^([A-Za-z_.-]+(?::tags)?)(?::| = )`)

func TestFrontMatterOfOtherGenerators(t *testing.T) {
	for _, g := range generators {
		t.Run(g.name, func(t *testing.T) {
			source := "---" + g.front + "---\nWords.\n"
			if strings.HasPrefix(g.front, "+++") {
				source = g.front + "+++\nWords.\n"
			}
			if g.front == "" {
				source = "Words.\n"
			}
			meta, body, _, problems := policy.ParseSource([]byte(source))
			if string(body) != "Words.\n" || meta.Draft || len(problems.Errors(false)) > 0 {
				t.Errorf("%q, %+v, %v", body, meta, problems)
			}
			said := "\n"
			for _, p := range problems {
				said += p.Message + "\n"
			}
			for _, key := range slices.Sorted(maps.Keys(g.keys)) {
				name := strings.ToLower(key)
				if canonical[name] != "" {
					name = canonical[name]
				}
				about := strings.Contains(said, "\n"+key+":") || strings.Contains(said, `"`+key+`"`)
				if what := g.keys[key]; about != (what == warns) || (meta.Lines[name] > 0) != (what == read) && what != warns {
					t.Errorf("%s: expected that it is %q; line %d, said:\n%s", key, what, meta.Lines[name], said)
				}
			}
			if n := strings.Count(said, "\n"); n > 3 {
				t.Errorf("%d warnings:\n%s", n, said)
			}
			top, _, _ := strings.Cut(g.front, "\n[")
			for _, m := range topKey.FindAllStringSubmatch(top, -1) {
				if g.keys[m[1]] == "" {
					t.Errorf("%s is not in the table", m[1])
				}
			}
		})
	}
}
