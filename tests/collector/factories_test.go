package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/healthcheckextension"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/attributesprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/redactionprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/resourceprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/batchprocessor"
	"go.opentelemetry.io/collector/processor/memorylimiterprocessor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
)

// origin has the keys of a processor whose module the Go module proxy does not serve, as its documentation has them
// (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/processor/k8sattributesprocessor). It does nothing.
type origin struct {
	AuthType    string `mapstructure:"auth_type"`
	Passthrough bool   `mapstructure:"passthrough"`
	Extract     struct {
		Metadata []string `mapstructure:"metadata"`
		Labels   []struct {
			TagName string `mapstructure:"tag_name"`
			Key     string `mapstructure:"key"`
			From    string `mapstructure:"from"`
		} `mapstructure:"labels"`
	} `mapstructure:"extract"`
	Association []struct {
		Sources []struct {
			From string `mapstructure:"from"`
			Name string `mapstructure:"name"`
		} `mapstructure:"sources"`
	} `mapstructure:"pod_association"`
}

type idle struct {
	component.StartFunc
	component.ShutdownFunc
}

type idleTraces struct {
	idle
	consumer.Traces
}

type idleLogs struct {
	idle
	consumer.Logs
}

func originFactory() processor.Factory {
	return processor.NewFactory(component.MustNewType("k8sattributes"), func() component.Config { return &origin{} },
		processor.WithTraces(func(_ context.Context, _ processor.Settings, _ component.Config, next consumer.Traces) (processor.Traces, error) {
			return idleTraces{Traces: next}, nil
		}, component.StabilityLevelBeta),
		processor.WithLogs(func(_ context.Context, _ processor.Settings, _ component.Config, next consumer.Logs) (processor.Logs, error) {
			return idleLogs{Logs: next}, nil
		}, component.StabilityLevelBeta))
}

// peers has the keys of the exporter that needs a module which is not served either, as its documentation has them
// (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/exporter/loadbalancingexporter). It does nothing.
type peers struct {
	RoutingKey string `mapstructure:"routing_key"`
	Protocol   struct {
		OTLP map[string]any `mapstructure:"otlp"`
	} `mapstructure:"protocol"`
	Resolver struct {
		DNS struct {
			Hostname string        `mapstructure:"hostname"`
			Port     string        `mapstructure:"port"`
			Interval time.Duration `mapstructure:"interval"`
			Timeout  time.Duration `mapstructure:"timeout"`
		} `mapstructure:"dns"`
	} `mapstructure:"resolver"`
}

// Validate refuses what the documentation does not have.
func (p *peers) Validate() error {
	if !slices.Contains([]string{"service", "traceID", "metric", "resource", "streamID", "attributes"}, p.RoutingKey) {
		return fmt.Errorf("unsupported routing key %q", p.RoutingKey)
	}
	if p.Resolver.DNS.Hostname == "" {
		return errors.New("a host name is needed")
	}
	return nil
}

func peersFactory() exporter.Factory {
	return exporter.NewFactory(component.MustNewType("loadbalancing"), func() component.Config { return &peers{} },
		exporter.WithTraces(func(context.Context, exporter.Settings, component.Config) (exporter.Traces, error) {
			nobody, err := consumer.NewTraces(func(context.Context, ptrace.Traces) error { return nil })
			return idleTraces{Traces: nobody}, err
		}, component.StabilityLevelBeta))
}

// files has the keys of the receiver that needs a module which is not served either, as its documentation has them
// (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/receiver/filelogreceiver). It does nothing.
type files struct {
	Include         []string         `mapstructure:"include"`
	Exclude         []string         `mapstructure:"exclude"`
	StartAt         string           `mapstructure:"start_at"`
	IncludeFilePath bool             `mapstructure:"include_file_path"`
	IncludeFileName bool             `mapstructure:"include_file_name"`
	Storage         string           `mapstructure:"storage"`
	MaxLogSize      string           `mapstructure:"max_log_size"`
	Operators       []map[string]any `mapstructure:"operators"`
	Retry           struct {
		Enabled        bool          `mapstructure:"enabled"`
		MaxElapsedTime time.Duration `mapstructure:"max_elapsed_time"`
	} `mapstructure:"retry_on_failure"`
}

// Validate refuses what the documentation does not have.
func (f *files) Validate() error {
	if !slices.Contains([]string{"beginning", "end"}, f.StartAt) {
		return fmt.Errorf("start_at: value %q: beginning or end is allowed", f.StartAt)
	}
	if len(f.Include) == 0 {
		return errors.New("include: at least one file is needed")
	}
	return nil
}

func filesFactory() receiver.Factory {
	return receiver.NewFactory(component.MustNewType("filelog"), func() component.Config { return &files{} },
		receiver.WithLogs(func(context.Context, receiver.Settings, component.Config, consumer.Logs) (receiver.Logs, error) {
			return idle{}, nil
		}, component.StabilityLevelBeta))
}

// factories are those of all parts that the platform names.
func factories() (otelcol.Factories, error) {
	var f otelcol.Factories
	var err error
	if f.Extensions, err = otelcol.MakeFactoryMap[extension.Factory](healthcheckextension.NewFactory(), filestorage.NewFactory()); err != nil {
		return f, err
	}
	if f.Receivers, err = otelcol.MakeFactoryMap[receiver.Factory](otlpreceiver.NewFactory(), filesFactory()); err != nil {
		return f, err
	}
	if f.Processors, err = otelcol.MakeFactoryMap[processor.Factory](
		memorylimiterprocessor.NewFactory(), batchprocessor.NewFactory(), attributesprocessor.NewFactory(), redactionprocessor.NewFactory(),
		resourceprocessor.NewFactory(), tailsamplingprocessor.NewFactory(), transformprocessor.NewFactory(), originFactory(),
	); err != nil {
		return f, err
	}
	f.Exporters, err = otelcol.MakeFactoryMap[exporter.Factory](otlpexporter.NewFactory(), otlphttpexporter.NewFactory(), peersFactory())
	f.Telemetry = otelconftelemetry.NewFactory()
	return f, err
}
