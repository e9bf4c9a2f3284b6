//go:build compare

package layouts

import "embed"

//go:embed *.html partials/*.html i18n/*.yaml style.css script.js compare.js worker.js compare.bin wasm_exec.js
var FS embed.FS
