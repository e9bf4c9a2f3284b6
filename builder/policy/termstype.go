package policy

import (
	"slices"
	"strings"
)

// TermsTypes are the kinds of terms that Open Terms Archive knows: the names of
// https://www.npmjs.com/package/@opentermsarchive/terms-types 2.2.0.
var TermsTypes = []string{
	"Terms of Service",
	"Privacy Policy",
	"Imprint",
	"Trackers Policy",
	"Developer Terms",
	"Community Guidelines",
	"Deceased Users",
	"Acceptable Use Policy",
	"Restricted Use Policy",
	"Commercial Terms",
	"Copyright Claims Policy",
	"Law Enforcement Guidelines",
	"Human Rights Policy",
	"In-App Purchases Policy",
	"Review Guidelines",
	"Brand Guidelines",
	"Quality Guidelines",
	"Data Controller Agreement",
	"Data Processor Agreement",
	"User Consent Policy",
	"Closed Captioning Policy",
	"Seller Warranty",
	"Single Sign-On Policy",
	"Vulnerability Disclosure Policy",
	"Live Policy",
	"Complaints Policy",
	"Conditions of Carriage",
	"General Conditions of Sale",
	"Marketplace Buyers Conditions",
	"Marketplace Sellers Conditions",
	"Ranking Parameters Description",
	"Premium Partner Conditions",
	"Platform to Business Notice",
	"Business Mediation Policy",
	"Business Privacy Policy",
	"Editorial Policy",
	"Anti-corruption Policy",
	"Accessibility Statement",
	"Hyperlinks Policy",
	"Whistleblower Policy",
	"Affiliate Agreement",
	"Service Level Agreement",
	"Content Monetisation Policy",
	"Advertising Content Policy",
}

// TermsType is the kind of terms of that name, in any case; "" when there is none.
func TermsType(name string) string {
	i := slices.IndexFunc(TermsTypes, func(t string) bool { return strings.EqualFold(t, strings.TrimSpace(name)) })
	if i < 0 {
		return ""
	}
	return TermsTypes[i]
}
