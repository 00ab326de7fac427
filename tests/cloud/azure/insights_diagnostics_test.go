package azure_test

import "testing"

const diagnosticType = "azure-native:insights:DiagnosticSetting"

func TestLogsAreThoseThatAResourceHas(t *testing.T) {
	w := newWorld(t)
	workspace := w.Have(workspaceType, with(values{"workspaceName": "logs"}))
	namespace := w.Have(busType, bus("Standard", nil))
	send := func(name, target, category string) values {
		return values{
			"name": name, "resourceUri": target, "workspaceId": workspace.ID, "logs": []any{values{"category": category, "enabled": true}},
		}
	}
	_, err := w.Create(diagnosticType, send("all", namespace.ID+"x", "OperationalLogs"))
	refused(t, "logs of nothing", err, "ResourceNotFound")
	_, err = w.Create(diagnosticType, send("all", namespace.ID, "PostgreSQLLogs"))
	refused(t, "logs that a namespace has not", err, "BadRequest")
	w.Have(diagnosticType, send("all", namespace.ID, "OperationalLogs"))
	_, err = w.Create(diagnosticType, send("again", namespace.ID, "OperationalLogs"))
	refused(t, "the same logs twice", err, "Conflict")
	refused(t, "the workspace of logs", w.Remove(workspace), "DependencyViolation")
}
