// The pages of all versions: Markdown as it stands, one layout, no template
// language within the texts, which may hold braces.
export default function (config) {
  config.addGlobalData("layout", "page.njk");
  return {
    dir: { input: "content", includes: "../includes" },
    markdownTemplateEngine: false,
    templateFormats: ["md"],
  };
}
