package kubernetes_test

import (
	"strings"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	definitionType = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition"
	widgetType     = "kubernetes:example.com/v1:Widget"
	gadgetType     = "kubernetes:example.com/v1:Gadget"
)

func widgets() values {
	return values{
		"metadata": values{"name": "widgets.example.com"},
		"spec": values{
			"group": "example.com", "scope": "Namespaced", "names": values{"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"},
			"versions": []any{values{
				"name": "v1", "served": true, "storage": true,
				"schema": values{"openAPIV3Schema": values{
					"type": "object", "properties": values{"spec": values{"type": "object", "properties": values{"size": values{"type": "integer"}}}},
				}},
			}},
		},
	}
}

func widget(name string, size any, finalizers ...any) values {
	metadata := values{"name": name, "namespace": "shop"}
	if len(finalizers) > 0 {
		metadata["finalizers"] = finalizers
	}
	return values{"metadata": metadata, "spec": values{"size": size}}
}

func TestACustomResourceNeedsItsDefinition(t *testing.T) {
	i := in(t, &fake{})
	i.refused("without it", i.create(widgetType, widget("a", 1.0)), "NoMatch", `no matches for kind "Widget" in version "example.com/v1"`)
	misnamed := widgets()
	misnamed["metadata"] = values{"name": "widget.example.com"}
	if err := i.create(definitionType, misnamed); err == nil || !strings.Contains(err.Error(), "must be spec.names.plural+") {
		t.Errorf("a definition with another name than its kind: %v", err)
	}
	i.have(definitionType, widgets())
	i.refused("of the wrong form", i.create(widgetType, widget("a", "large")), "Invalid", "spec.size")
	i.have(widgetType, widget("a", 1.0))
	if err := i.delete(definitionType, "widgets.example.com"); err != nil {
		t.Fatal(err)
	}
	i.want("after its definition", i.ids(widgetType), "")
}

func TestAnUnknownKindOfKubernetesOwnIsRefused(t *testing.T) {
	i := in(t, &fake{})
	for _, token := range []string{"kubernetes:apps/v9:Deployment", "kubernetes:networking.k8s.io/v9:Ingress"} {
		if err := i.create(token, values{"metadata": values{"name": "a"}}); err == nil || cloud.Refused(err, "") {
			t.Errorf("%s is not refused before it is made: %v", token, err)
		}
	}
}

func TestADefinitionHangsOnAResourceWhoseControllerIsGone(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{node()}})
	operator := values{"name": "operator", "chart": "operator", "namespace": "shop", "version": "1.0.0"}
	i.have(releaseType, operator)
	i.want("definitions of the chart", i.ids(definitionType), "widgets.example.com gadgets.example.com")
	i.have(widgetType, widget("a", 1.0, "operator.example.com/cleanup"))
	i.have(widgetType, widget("b", 1.0, "operator.example.com/cleanup"))
	i.have(gadgetType, values{"metadata": values{"name": "c", "finalizers": []any{"operator.example.com/cleanup"}}})
	if err := i.delete(widgetType, "shop/a"); err != nil {
		t.Errorf("while the controller lives: %v", err)
	}
	i.refused("the release takes its definition and its controller", i.delete(releaseType, "shop/operator"), "Timeout",
		"customresourcecleanup.apiextensions.k8s.io", "operator.example.com/cleanup")
	i.want("the other definition stays", i.ids(definitionType), "widgets.example.com gadgets.example.com")
	i.refused("a resource without its controller", i.delete(widgetType, "shop/b"), "Timeout", "(operator.example.com/cleanup)")
	i.refused("its namespace", i.delete(namespaceType, "shop"), "Timeout", "widgets.example.com has 1 resource instances")
}
