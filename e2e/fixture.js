// Repositories made for these checks. The fixture has every kind of page, every
// element that Markdown has, a right-to-left language, a long archive, and a past
// version that cannot be rendered. The texts are invented and the commits dated,
// so they give the same sites wherever they are made.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";

// The day for which the fixture's site is built, and with it the other sites.
export const today = "2026-11-22";

const config = `title: Policies of Example Works
organization: Example Works
language: en
languages: [en, ar]
timezone: Europe/Dublin
archived: [trial]
notice-days: 30
`;

const intro = `# What we promise

These are the policies of Example Works. Start with the [terms](terms.md) and the [privacy policy](privacy.md).
`;

const privacy = ({ front = "", days = 30, bold = false, link = "#your-rights", extra = "" } = {}) => `---
title: Privacy policy
description: What we hold about you, and for how long.
weight: 10
${front}---

# Privacy policy

This policy says what Example Works does with personal data. Logs are kept for ${bold ? `**${days} days**` : `${days} days`};
see [your rights](${link}) and the [list of processors](files/processors.csv).[^1]

[^1]: A processor works on our instructions.

## What we collect

| Data | Where it comes from | What we use it for | Legal basis | Kept for |
| --- | --- | ---: | :---: | --- |
| Name and address | You | Contracts | Contract | Three years |
| \`access.log\` entries of www.example.com | Your browser | Protection against abuse | Legitimate interest | ${days} days |

### From you

1. Your name.
2. Your address:
   - street,
   - town.

### From others

- [x] Registries
- [ ] Advertisers: ~~sometimes~~ never

## How it flows

![A box labelled "You" and a box labelled "Us", with an arrow between them](files/flow.svg)

> Data goes in one direction only.

\`\`\`
GET /a/very/long/address/that/does/not/fit/on/a/narrow/screen/because/it/goes/on/and/on/and/on HTTP/1.1
Host: www.example.com
\`\`\`

## Who sees it

Only those who need it. An address without a place to break:
https://www.example.com/${"averyveryverylongword".repeat(6)}

* * *

## Your rights

Write to <privacy@example.com>. You may ask for:<br>a copy, a correction, or <abbr>H<sub>2</sub>O</abbr>.
${extra}`;

const terms = (fee) => `---
title: Terms of service
description: The contract between you and Example Works.
weight: 20
version: "1.${fee}"
---

## Fees

You pay ${fee} euro a month.

## Notice

Either of us may end the contract with a notice of one month.
`;

const arabic = (days) => `---
title: سياسة الخصوصية وحماية البيانات الشخصية للمستخدمين والزوار
description: ما نحتفظ به من بيانات عنك ومدة الاحتفاظ بها.
translation-of: privacy
version: "٢"
---

# سياسة الخصوصية وحماية البيانات الشخصية للمستخدمين والزوار

توضّح هذه السياسة ما تفعله الشركة بالبيانات الشخصية. نحتفظ بالسجلات مدة ${days} يومًا، ونستخدم \`access.log\` للحماية.

## ما الذي نجمعه

| البيانات | المصدر | الغرض |
| --- | --- | --- |
| الاسم والعنوان | أنت | العقد |
| سجلات www.example.com | متصفحك | الحماية |

## من يطّلع عليها

1. من يحتاج إليها فقط.
2. الجهات المختصة عند الطلب:
   - المحاكم،
   - الهيئات.

## مدة الاحتفاظ

> تُحذف البيانات بعد انتهاء المدة.

## حقوقك

راسلنا على <privacy@example.com> أو اقرأ [من يطّلع عليها](#من-يطّلع-عليها).
`;

const simple = (title, text) => `---\ntitle: ${title}\n---\n\n${text}\n`;

const flow = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="80" viewBox="0 0 320 80">
<rect x="5" y="20" width="90" height="40" fill="#dde" stroke="#335"/><rect x="225" y="20" width="90" height="40" fill="#dde" stroke="#335"/>
<path d="M95 40h120" stroke="#335" stroke-width="3"/><path d="M210 32l15 8-15 8z" fill="#335"/></svg>
`;

// Each step is a day, a message, and the files that it sets; null deletes one.
export function* fixture() {
  yield ["2021-03-01", "The first policies", {
    "policysite.yaml": config,
    "content/index.md": intro,
    "content/privacy.md": privacy(),
    "content/files/flow.svg": flow,
    "content/files/processors.csv": "name,country\nExample Mail,Ireland\n",
    "content/tos.md": terms(1),
    "content/trial.md": simple("Trial terms", "A trial ends after ten days."),
  }];
  yield ["2021-04-12", "Raise the fee\n\nPolicy-Change: material\nPolicy-Summary: The monthly fee rises to 2 euro.", { "content/tos.md": terms(2) }];
  yield ["2021-05-03", "A full name", { "content/tos.md": null, "content/terms.md": terms(2) }];
  yield ["2021-06-01", "Arabic", { "content/ar/privacy.md": arabic(30) }];
  yield ["2021-07-01", "Not a text", { "content/privacy.md": Buffer.concat([Buffer.from(privacy()), Buffer.from([0xff, 0xfe, 0x00])]) }];
  yield ["2021-07-02", "A text again", { "content/privacy.md": privacy({ days: 29 }) }];
  // More changes than one page of an archive holds, over several years.
  for (let i = 0; i < 70; i++) {
    const month = String(1 + (i % 12)).padStart(2, "0");
    yield [`${2022 + Math.floor(i / 24)}-${month}-${String(1 + (i % 24)).padStart(2, "0")}`, "Logs", { "content/privacy.md": privacy({ days: 100 + i }) }];
  }
  yield ["2025-01-10", "Bold", { "content/privacy.md": privacy({ days: 169, bold: true }) }];
  yield ["2025-02-10", "Link", { "content/privacy.md": privacy({ days: 169, bold: true, link: "#who-sees-it" }) }];
  yield ["2025-02-11", "Spelling\n\nPolicy-Change: editorial", { "content/privacy.md": privacy({ days: 169, bold: true, link: "#who-sees-it", extra: "\nThank you.\n" }) }];
  yield ["2025-03-01", "The trial ends", { "content/trial.md": null }];
  yield ["2025-04-01", "Products", Object.fromEntries(Array.from({ length: 9 }, (_, i) => [
    `content/products/service-${i + 1}.md`,
    simple(`Terms of service ${"ABCDEFGHI"[i]}`, `What is special about service ${"ABCDEFGHI"[i]}.`),
  ]))];
  yield ["2025-05-01", "Two versions in one day", { "content/terms.md": terms(3) }];
  yield ["2025-05-01", "The second", { "content/terms.md": terms(4) }];
  yield ["2025-06-01", "Arabic", { "content/ar/privacy.md": arabic(14) }];
  const later = (day, label) => ({ front: `version: "${label}"\nlast-updated: 2026-10-01\neffective: ${day}\nchange: material\nsummary: Logs are kept for a shorter time.\n` });
  yield ["2026-01-05", "Announced, and replaced before its day", { "content/privacy.md": privacy({ days: 60, ...later("2026-03-01", "2.9") }) }];
  yield ["2026-02-05", "In force", { "content/privacy.md": privacy({ days: 50, front: `version: "3.0"\nlast-updated: 2026-02-01\neffective: 2026-02-05\nchange: minor\n` }) }];
  yield ["2026-10-02", "To come", { "content/privacy.md": privacy({ days: 14, ...later("2027-01-01", "3.1") }) }];
  yield ["2026-10-03", "A policy to come", { "content/cookies.md": "---\ntitle: Cookies\neffective: 2027-02-01\n---\n\nWe set one cookie.\n" }];
}

// What a site goes on showing when git does not: these are the steps of a
// repository as it was published.
export function* published() {
  const policy = (text) => ({ "content/privacy.md": text });
  const says = (text) => policy(`# Privacy policy\n\n## What we keep\n\n${text}\n\n## Whom to ask\n\nWrite to the office.\n`);
  yield ["2021-03-01", "First", { "policysite.yaml": "title: Policies of Example Works\n", ...says("Logs are kept for thirty days.") }];
  yield ["2021-04-01", "Lost", says("Logs are kept for twenty days.")];
  yield ["2021-05-01", "Says too much", says("Logs are kept by Jane Roe of 1 Example Street.")];
  yield ["2021-06-01", "Says a word too much", says("Logs are kept by *Jane Roe* for ten days.")];
  yield ["2021-07-01", "Not a text", policy(Buffer.from([0xff, 0xfe, 0x00]))];
  yield ["2021-08-01", "A text again", says("Logs are kept for ten days.")];
}

// The same after a step was taken out of the history, with what is said later:
// words withheld, a text older than git, and what a commit did not say.
export function* kept() {
  for (const step of published()) if (step[1] !== "Lost") yield step;
  const why = "reason: personal data of an employee, authority: Data protection officer, date: 2021-09-01, salt: 5d1a33c8";
  yield ["2021-09-02", "Later", {
    "redactions.yaml": `- {policy: privacy, version: 2021-05-01, whole: true, ${why}}\n- {policy: privacy, version: 2021-06-01, block: 3, words: 5-6, ${why}}\n`,
    "history/privacy-2015.md": "# Privacy policy\n\nWe keep no logs.\n",
    "history.yaml": `privacy:
  - file: history/privacy-2015.md
    published: 2015-02-03
    evidence: https://example.com/captures/privacy-2015
    summary: The first one that is known
  - version: 2021-08-01
    published: 2021-08-02
    effective: 2021-08-15
    change: material
    summary: Says no name any more
`,
  }];
}

// A text with an image of another host.
export function* images() {
  yield ["2021-03-01", "First", { "content/privacy.md": "# Privacy policy\n\n![Our seal](https://images.example/seal.svg)\n", "content/terms.md": "# Terms\n\nPay.\n" }];
}

// makeRepository writes a repository of such steps to a new folder.
export function makeRepository(dir, steps) {
  const parts = [];
  const put = (text) => parts.push(Buffer.from(text));
  const data = (content) => {
    const bytes = Buffer.from(content);
    put(`data ${bytes.length}\n`);
    parts.push(bytes);
    put("\n");
  };
  let nth = 0;
  for (const [day, message, files] of steps) {
    const seconds = Date.parse(`${day}T10:00:00Z`) / 1000 + nth++;
    put(`commit refs/heads/main\ncommitter Example Works <legal@example.com> ${seconds} +0000\n`);
    data(message + "\n");
    for (const [path, content] of Object.entries(files)) {
      if (content === null) {
        put(`D ${path}\n`);
      } else {
        put(`M 100644 inline ${path}\n`);
        data(content);
      }
    }
  }
  mkdirSync(dir, { recursive: true });
  execFileSync("git", ["init", "--quiet", "--initial-branch=main", dir]);
  execFileSync("git", ["-C", dir, "fast-import", "--quiet"], { input: Buffer.concat(parts) });
}

// A site in four languages. The Japanese text is as new as the English one, the
// Indonesian one is behind, and the Arabic one says which version it translates. The
// English one prevails.
const settings = `title: Example Works
organization: Example Works
language: en
languages: [en, ar, id, ja]
controlling: en
timezone: Asia/Jakarta
notice-days: 30
brand:
  home: https://example.com/
`;

const privacyIn = {
  en: (n) => `---
title: Privacy policy
description: What we hold about you, and for how long.
version: "${n}.0"
${n === 3 ? "change: material\nsummary: Logs are kept for a shorter time, and you may object.\n" : ""}${n === 4 ? "effective: 2027-01-01\n" : ""}---

# Privacy policy

This policy says what Example Works does with personal data. It holds for our website and our app.

## What we collect

- your name and your address;
- the pages that you open${n > 1 ? ";\n- what you write to us" : ""}.

${n > 2 ? "We never sell data. We give data to nobody without a reason that the law knows.\n\n" : ""}## How long we keep it

| Data | Kept for |
| --- | --- |
| Name and address | Three years |
| \`access.log\` | ${n > 2 ? 30 : 90} days |

## Who sees it

Only those who need it for their work. ${n > 1 ? "Courts and authorities see it where the law says so." : "Nobody else sees it at any time."}

${n > 2 ? "" : "We never sell data. We give data to nobody without a reason that the law knows.\n\n"}## Your rights

1. You may ask for a copy.
2. You may ask for a correction.
${n > 2 ? "3. You may object.\n" : ""}${n > 3 ? "4. You may take your data with you.\n" : ""}
Write to <privacy@example.com>.
`,
  ar: (n) => `---
title: سياسة الخصوصية
description: ما نحتفظ به من بيانات عنك ومدة الاحتفاظ بها.
version: "${n}.0"
${n === 2 ? "summary: أضفنا ما تكتبه إلينا.\nchange: minor\n" : ""}${n === 3 ? "change: material\ntranslates: \"3.0\"\n" : ""}---

# سياسة الخصوصية

توضّح هذه السياسة ما تفعله Example Works بالبيانات الشخصية. وهي تسري على موقعنا وتطبيقنا.

## ما الذي نجمعه

- اسمك وعنوانك؛
- الصفحات التي تفتحها${n > 1 ? "؛\n- ما تكتبه إلينا" : ""}.

${n > 2 ? "لا نبيع البيانات أبدًا. ولا نعطيها لأحد من دون سبب يعرفه القانون.\n\n" : ""}## مدة الاحتفاظ

| البيانات | المدة |
| --- | --- |
| الاسم والعنوان | ثلاث سنوات |
| \`access.log\` | ${n > 2 ? 30 : 90} يومًا |

## من يطّلع عليها

من يحتاج إليها في عمله فقط. ${n > 1 ? "وتطّلع عليها المحاكم والجهات المختصة حيث ينص القانون على ذلك." : "ولا يطّلع عليها أحد غيرهم في أي وقت."}

${n > 2 ? "" : "لا نبيع البيانات أبدًا. ولا نعطيها لأحد من دون سبب يعرفه القانون.\n\n"}## حقوقك

1. يمكنك أن تطلب نسخة.
2. يمكنك أن تطلب التصحيح.
${n > 2 ? "3. يمكنك أن تعترض.\n" : ""}
راسلنا على <privacy@example.com> أو اقرأ [من يطّلع عليها](#من-يطّلع-عليها).
`,
  id: (n) => `---
title: Kebijakan privasi
description: Data Anda yang kami simpan, dan berapa lama.
version: "${n}.0"
---

# Kebijakan privasi

Kebijakan ini menjelaskan apa yang dilakukan Example Works dengan data pribadi. Kebijakan ini berlaku untuk situs web dan aplikasi kami.

## Data yang kami kumpulkan

- nama dan alamat Anda;
- halaman yang Anda buka${n > 1 ? ";\n- apa yang Anda tulis kepada kami" : ""}.

## Berapa lama kami menyimpannya

Tiga tahun untuk nama dan alamat, 90 hari untuk catatan akses.

## Siapa yang melihatnya

Hanya mereka yang membutuhkannya untuk pekerjaan mereka. ${n > 1 ? "Pengadilan dan pihak berwenang melihatnya jika diatur oleh undang-undang." : ""}

## Hak Anda

Tulis surat kepada <privacy@example.com>.
`,
  ja: (n) => `---
title: プライバシーポリシー
description: 当社が保有するお客様の情報と、その保存期間について。
version: "${n}.0"
${n === 3 ? "change: material\n" : ""}${n === 4 ? "effective: 2027-01-01\n" : ""}---

# プライバシーポリシー

このポリシーは、Example Works が個人情報をどのように取り扱うかを定めるものです。当社のウェブサイトとアプリに適用されます。

## 収集する情報

- お名前とご住所
- 閲覧されたページ${n > 1 ? "\n- お問い合わせの内容" : ""}

${n > 2 ? "当社は個人情報を販売しません。法令に定める理由なく第三者に提供することもありません。\n\n" : ""}## 保存期間

| 情報 | 期間 |
| --- | --- |
| お名前とご住所 | 3年 |
| \`access.log\` | ${n > 2 ? 30 : 90}日 |

## 閲覧できる者

業務上必要な者に限ります。${n > 1 ? "法令に定めがある場合は、裁判所および関係当局が閲覧します。" : "それ以外の者が閲覧することはありません。"}

${n > 2 ? "" : "当社は個人情報を販売しません。法令に定める理由なく第三者に提供することもありません。\n\n"}## お客様の権利

1. 写しを請求できます。
2. 訂正を請求できます。
${n > 2 ? "3. 異議を申し立てることができます。\n" : ""}${n > 3 ? "4. データの移行を請求できます。\n" : ""}
お問い合わせは <privacy@example.com> までお願いします。
`,
};

export function* languages() {
  const texts = (langs, n) => Object.fromEntries(langs.map((lang) => [`content/privacy${lang === "en" ? "" : `.${lang}`}.md`, privacyIn[lang](n)]));
  yield ["2024-02-01", "The first policy", { "policysite.yaml": settings, ...texts(["en", "ar", "id", "ja"], 1) }];
  yield ["2024-09-12", "What people write", texts(["en", "ar", "id", "ja"], 2)];
  yield ["2025-06-02", "A shorter time", texts(["en", "ja"], 3)];
  yield ["2025-07-20", "The Arabic translation", texts(["ar"], 3)];
  yield ["2025-08-01", "A link", { "content/privacy.ar.md": privacyIn.ar(3).replace("(#من-يطّلع-عليها)", "(https://example.com/)") }];
  yield ["2026-11-10", "Take your data with you", texts(["en", "ja"], 4)];
  yield ["2026-11-12", "Cookies", { "content/id/cookies.md": simple("Kebijakan kuki", "Kami memakai dua kuki.") }];
}
