package collector

import (
	"context"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/loadbalancingexporter"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/healthcheckextension"
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/attributesprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/redactionprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/resourceprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/filelogreceiver"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlpexporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/batchprocessor"
	"go.opentelemetry.io/collector/processor/memorylimiterprocessor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
)

// origin has the keys of the one processor whose module the Go module proxy does not serve, as its documentation has them
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

// factories are those of all parts that the platform names.
func factories() (otelcol.Factories, error) {
	var f otelcol.Factories
	var err error
	if f.Extensions, err = otelcol.MakeFactoryMap[extension.Factory](healthcheckextension.NewFactory(), filestorage.NewFactory()); err != nil {
		return f, err
	}
	if f.Receivers, err = otelcol.MakeFactoryMap[receiver.Factory](otlpreceiver.NewFactory(), filelogreceiver.NewFactory()); err != nil {
		return f, err
	}
	if f.Processors, err = otelcol.MakeFactoryMap[processor.Factory](
		memorylimiterprocessor.NewFactory(), batchprocessor.NewFactory(), attributesprocessor.NewFactory(), redactionprocessor.NewFactory(),
		resourceprocessor.NewFactory(), tailsamplingprocessor.NewFactory(), transformprocessor.NewFactory(), originFactory(),
	); err != nil {
		return f, err
	}
	f.Exporters, err = otelcol.MakeFactoryMap[exporter.Factory](otlpexporter.NewFactory(), otlphttpexporter.NewFactory(), loadbalancingexporter.NewFactory())
	f.Telemetry = otelconftelemetry.NewFactory()
	return f, err
}
