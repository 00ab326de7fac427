package pipeline

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"platform/components/kubernetes/chart"
	"platform/stacks/catalog"
)

func text(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestRenovateFindsWhatIsPinned runs its expressions over the files that they are for: a pin that none finds would grow old unseen.
func TestRenovateFindsWhatIsPinned(t *testing.T) {
	var config struct {
		CustomManagers []struct {
			ManagerFilePatterns, MatchStrings                        []string
			DepNameTemplate, PackageNameTemplate, DatasourceTemplate string
		}
	}
	if err := json.Unmarshal([]byte(text(t, "renovate.json")), &config); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, m := range config.CustomManagers {
		for _, pattern := range m.ManagerFilePatterns {
			file := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(pattern, "/^"), "$/"), `\`, "")
			content, matched := text(t, file), false
			for _, expression := range m.MatchStrings {
				re := regexp.MustCompile(expression)
				for _, hit := range re.FindAllStringSubmatch(content, -1) {
					matched = true
					name := m.DepNameTemplate
					if i := re.SubexpIndex("depName"); i > 0 {
						name = hit[i]
					}
					found[name] = append(found[name], hit[re.SubexpIndex("currentValue")])
				}
			}
			if !matched {
				t.Errorf("%s: none of %q finds anything there", file, m.MatchStrings)
			}
		}
	}
	istio := []string{"istiod", "cni", "ztunnel"} // with base
	for _, s := range chart.Sources {
		if slices.Contains(istio, s.Chart) {
			continue
		}
		if !slices.Contains(found[s.Chart], s.Version) {
			t.Errorf("the chart %s is at %s, and Renovate finds %v", s.Chart, s.Version, found[s.Chart])
		}
	}
	for name, want := range map[string]int{"pulumi/pulumi": 2, "golangci/golangci-lint": 1, "go": 1} {
		if got := found[name]; len(got) != want || len(slices.Compact(slices.Clone(got))) != 1 {
			t.Errorf("%s: found %v, want one version in %d places", name, got, want)
		}
	}
	if goVersion := regexp.MustCompile(`(?m)^go (.*)$`).FindStringSubmatch(text(t, "go.mod"))[1]; found["go"][0] != goVersion {
		t.Errorf("the container for development has Go %s, and go.mod asks for %s", found["go"][0], goVersion)
	}
	if lint := found["golangci/golangci-lint"][0]; !strings.Contains(text(t, "tests/tools/lint/go.mod"), "golangci-lint/v2 v"+lint) {
		t.Errorf("the Makefile names the linter %s, and its module another", lint)
	}
}

// TestOwnersAreTeamsOfTheCatalogue: what nobody can own is owned by nobody.
func TestOwnersAreTeamsOfTheCatalogue(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for i, line := range strings.Split(text(t, ".github/CODEOWNERS"), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if at := strings.TrimPrefix(fields[0], "/"); at != "*" {
			if hits, err := filepath.Glob(filepath.Join(root, at)); err != nil || len(hits) == 0 {
				t.Errorf("line %d: there is no %s", i+1, at)
			}
		}
		for _, owner := range fields[1:] {
			organization, team, _ := strings.Cut(owner, "/")
			if _, known := c.Teams[team]; !known || organization != "@example" {
				t.Errorf("line %d: %s is no team of the catalogue", i+1, owner)
			}
			named[team] = true
		}
	}
	for team := range c.Teams {
		if !named[team] {
			t.Errorf("team %s owns nothing", team)
		}
	}
}

// TestTheContainerForDevelopmentIsWhole: it prepares what a rehearsal needs.
func TestTheContainerForDevelopmentIsWhole(t *testing.T) {
	var container struct {
		Image             string
		Features          map[string]map[string]string
		PostCreateCommand string
	}
	if err := json.Unmarshal([]byte(text(t, ".devcontainer/devcontainer.json")), &container); err != nil {
		t.Fatal(err)
	}
	target, _ := strings.CutPrefix(container.PostCreateCommand, "make ")
	if container.Image == "" || len(container.Features) != 1 || !regexp.MustCompile(`(?m)^`+target+`:`).MatchString(text(t, "Makefile")) {
		t.Errorf("%+v", container)
	}
}

// TestWhatContributorsReadIsThere: each target and file that the page names.
func TestWhatContributorsReadIsThere(t *testing.T) {
	page, makefile := text(t, "CONTRIBUTING.md"), text(t, "Makefile")
	for _, m := range regexp.MustCompile("make ([a-z-]+)").FindAllStringSubmatch(page, -1) {
		if !regexp.MustCompile(`(?m)^`+m[1]+`:`).MatchString(makefile) && m[1] != "and" {
			t.Errorf("CONTRIBUTING.md names make %s, which is not there", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`\]\(([A-Za-z][^)#:]*)`).FindAllStringSubmatch(page, -1) {
		if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
			t.Errorf("CONTRIBUTING.md: %v", err)
		}
	}
	if !strings.Contains(text(t, "LICENSE"), "Version 2.0, January 2004") {
		t.Error("LICENSE is not the Apache License 2.0")
	}
}
