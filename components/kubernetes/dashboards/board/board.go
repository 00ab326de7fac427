package board

import (
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// Source is the identifier by which Grafana knows the cluster's Prometheus.
const Source = "prometheus"

// Query is one line of a panel: an expression of Prometheus, and how its series are called.
type Query struct{ Expr, Legend string }

// Panel shows some queries over time, or the last value of one.
type Panel struct {
	Title, Description string
	Unit               string // as Grafana calls it
	Queries            []Query
	Last               bool     // the last value alone
	Red                *float64 // from here on it is bad; of a last value below which it is
}

// Row is panels beside each other.
type Row struct {
	Title  string
	Panels []Panel
}

// Variable is what whoever looks may choose: the values of a label of a series.
type Variable struct{ Name, Series, Label string }

// Board is one dashboard.
type Board struct {
	ID, Title, Description string
	Variables              []Variable
	Rows                   []Row
}

// The grid of a dashboard is 24 wide
// (https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/#panel-size-and-position).
const (
	width  = 24
	height = 8
)

var source = common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr(Source)}

// JSON is the dashboard as Grafana reads it, checked by Grafana's own schema. Nobody changes it in Grafana: it comes from here.
func (b Board) JSON() (string, error) {
	builder := dashboard.NewDashboardBuilder(b.Title).Uid(b.ID).Description(b.Description).Tags([]string{"platform"}).
		Readonly().Time("now-6h", "now").Refresh("1m").Timezone("browser")
	for _, v := range b.Variables {
		builder = builder.WithVariable(dashboard.NewQueryVariableBuilder(v.Name).Datasource(source).
			Query(dashboard.StringOrMap{String: cog.ToPtr(fmt.Sprintf("label_values(%s, %s)", v.Series, v.Label))}).
			Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc))
	}
	for _, row := range b.Rows {
		builder = builder.WithRow(dashboard.NewRowBuilder(row.Title))
		for _, p := range row.Panels {
			builder = builder.WithPanel(p.built(uint32(width / len(row.Panels))))
		}
	}
	built, err := builder.Build()
	if err != nil {
		return "", fmt.Errorf("dashboard %s: %w", b.ID, err)
	}
	if err := built.Validate(); err != nil {
		return "", fmt.Errorf("dashboard %s: %w", b.ID, err)
	}
	text, err := json.Marshal(built)
	return string(text), err
}

func (p Panel) built(wide uint32) cog.Builder[dashboard.Panel] {
	if p.Last {
		panel := stat.NewPanelBuilder().Title(p.Title).Description(p.Description).Unit(p.Unit).Datasource(source).Height(height / 2).Span(wide).
			ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}))
		for i, q := range p.Queries {
			panel = panel.WithTarget(q.built(i).Instant())
		}
		if p.Red != nil {
			panel = panel.Thresholds(colours("red", "green", *p.Red))
		}
		return panel
	}
	panel := timeseries.NewPanelBuilder().Title(p.Title).Description(p.Description).Unit(p.Unit).Datasource(source).Height(height).Span(wide).Min(0)
	for i, q := range p.Queries {
		panel = panel.WithTarget(q.built(i).Range())
	}
	if p.Red != nil {
		panel = panel.Thresholds(colours("green", "red", *p.Red)).
			ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(common.GraphThresholdsStyleModeLine))
	}
	return panel
}

func (q Query) built(i int) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().Expr(q.Expr).LegendFormat(q.Legend).RefId(string(rune('A' + i))).Datasource(source)
}

func colours(below, above string, at float64) cog.Builder[dashboard.ThresholdsConfig] {
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).
		Steps([]dashboard.Threshold{{Color: below}, {Value: &at, Color: above}})
}
