package rules

import (
	"fmt"
	"strings"
)

// Controls are those of three frameworks that a rule helps to meet. Sources of the ids:
//   - SOC 2: https://www.aicpa-cima.com/resources/download/2017-trust-services-criteria-with-revised-points-of-focus-2022
//   - ISO/IEC 27001:2022, annex A: https://www.iso.org/standard/27001
//   - HIPAA, 45 CFR 164: https://www.ecfr.gov/current/title-45/subtitle-A/subchapter-C/part-164/subpart-C
type Controls struct{ SOC2, ISO27001, HIPAA []string }

func (c Controls) String() string {
	return fmt.Sprintf("SOC 2 %s; ISO 27001 %s; HIPAA %s",
		strings.Join(c.SOC2, ", "), strings.Join(c.ISO27001, ", "), strings.Join(c.HIPAA, ", "))
}

// The controls by what they ask for, so that rules of one kind name the same ones.
var (
	stored    = Controls{[]string{"CC6.1"}, []string{"A.8.24"}, []string{"164.312(a)(2)(iv)"}}
	moved     = Controls{[]string{"CC6.7"}, []string{"A.5.14", "A.8.24"}, []string{"164.312(e)(1)", "164.312(e)(2)(ii)"}}
	boundary  = Controls{[]string{"CC6.1", "CC6.6"}, []string{"A.8.20", "A.8.22"}, []string{"164.312(a)(1)", "164.312(e)(1)"}}
	placed    = Controls{[]string{"C1.1"}, []string{"A.5.31", "A.5.34"}, []string{"164.308(a)(1)(ii)(B)"}}
	available = Controls{[]string{"A1.2"}, []string{"A.8.14"}, []string{"164.308(a)(7)(ii)(C)"}}
	restored  = Controls{[]string{"A1.2", "A1.3"}, []string{"A.8.13"}, []string{"164.308(a)(7)(ii)(A)", "164.310(d)(2)(iv)"}}
	kept      = Controls{[]string{"A1.2", "CC8.1"}, []string{"A.8.10", "A.8.13"}, []string{"164.308(a)(7)(ii)(A)", "164.312(c)(1)"}}
	listed    = Controls{[]string{"CC6.1", "C1.1"}, []string{"A.5.9", "A.5.12", "A.5.13"}, []string{"164.310(d)(2)(iii)"}}
	sized     = Controls{[]string{"A1.1"}, []string{"A.8.6"}, []string{"164.308(a)(1)(ii)(B)"}}
	logged    = Controls{[]string{"CC7.1", "CC7.2"}, []string{"A.8.15", "A.8.16"}, []string{"164.312(b)", "164.308(a)(1)(ii)(D)"}}
	patched   = Controls{[]string{"CC7.1", "CC8.1"}, []string{"A.8.8"}, []string{"164.308(a)(5)(ii)(B)"}}
	keyed     = Controls{[]string{"CC6.1"}, []string{"A.8.24"}, []string{"164.312(a)(2)(iv)"}}
	least     = Controls{[]string{"CC6.1", "CC6.3"}, []string{"A.5.15", "A.5.18", "A.8.2"}, []string{"164.308(a)(4)(ii)(B)", "164.312(a)(1)"}}
	contained = Controls{[]string{"CC6.1", "CC6.8"}, []string{"A.8.2", "A.8.9"}, []string{"164.308(a)(5)(ii)(B)", "164.312(a)(1)"}}
	shipped   = Controls{[]string{"CC6.8", "CC8.1"}, []string{"A.8.19", "A.8.32"}, []string{"164.312(c)(1)"}}
	told      = Controls{[]string{"CC7.2", "CC7.3", "CC7.4"}, []string{"A.5.26", "A.8.16"}, []string{"164.308(a)(6)(ii)"}}
	reviewed  = Controls{[]string{"CC7.1", "CC8.1"}, []string{"A.8.9"}, []string{"164.308(a)(8)"}}
	named     = Controls{[]string{"CC6.1", "CC6.2"}, []string{"A.5.16", "A.8.5"}, []string{"164.312(d)"}}
	carried   = Controls{[]string{"A1.2", "CC7.4"}, []string{"A.8.14"}, []string{"164.312(c)(1)"}}
)
