// Package guardrails is the contract of what a cloud itself watches or refuses, whoever builds: the promises of
// policies/rules, said once more in the cloud's own words. Each cloud has a table, in
// its own folder (promise), that says which of its own rules stands for which promise, or why none does.
package guardrails
