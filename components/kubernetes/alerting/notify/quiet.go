package notify

// interval is a name for times (https://prometheus.io/docs/alerting/latest/configuration/#time_interval).
type interval struct {
	Name  string  `yaml:"name"`
	Times []times `yaml:"time_intervals"`
}

type times struct {
	Clock    []clock  `yaml:"times,omitempty"`
	Weekdays []string `yaml:"weekdays,omitempty"`
	Location string   `yaml:"location"`
}

type clock struct {
	Start string `yaml:"start_time"`
	End   string `yaml:"end_time"`
}

// times of Alertmanager do not go over midnight, so a night is two.
func (q Quiet) times() []times {
	daily := []clock{{q.From, q.To}}
	if q.To < q.From {
		daily = []clock{{q.From, "24:00"}}
		if q.To != "00:00" {
			daily = append([]clock{{"00:00", q.To}}, daily...)
		}
	}
	out := []times{{Clock: daily, Location: q.Zone}}
	if q.Weekends {
		out = append(out, times{Weekdays: []string{"saturday", "sunday"}, Location: q.Zone})
	}
	return out
}
