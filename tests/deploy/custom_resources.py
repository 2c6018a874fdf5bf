"""JSON Schemas of the custom resources that deploy/kubernetes uses: the fields it needs of each, and no others.

Operators publish far larger ones; a field that is misspelt is what these are to find.
"""

from typing import Any, Final

_TEXT: Final = {"type": "string"}
_TEXTS: Final = {"type": "object", "additionalProperties": _TEXT}
_COUNT: Final = {"type": "integer", "minimum": 1}


def _exactly(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    properties = required | (optional or {})
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


def _one_of(*values: str) -> dict[str, Any]:
    return {"enum": list(values)}


def _resource(api: str, spec: dict[str, Any], **optional: dict[str, Any]) -> dict[str, Any]:
    metadata = _exactly({"name": _TEXT, "namespace": _TEXT}, {"labels": _TEXTS})
    return _exactly({"apiVersion": {"const": api}, "kind": _TEXT, "metadata": metadata, "spec": spec}, optional)


_OPERATIONS: Final = _list(_one_of("Read", "Write", "Describe", "Create"))
_ACL: Final = _exactly(
    {
        "resource": _exactly(
            {"type": _one_of("topic", "group"), "name": _TEXT, "patternType": _one_of("literal", "prefix")}
        ),
        "operations": _OPERATIONS,
    }
)
_SCALING: Final = _exactly(
    {
        "stabilizationWindowSeconds": _COUNT,
        "policies": _list(_exactly({"type": _one_of("Pods", "Percent"), "value": _COUNT, "periodSeconds": _COUNT})),
    }
)
_BEHAVIOR: Final = _exactly({"scaleUp": _SCALING, "scaleDown": _SCALING})
_KAFKA_TRIGGER: Final = _exactly(
    {
        "bootstrapServers": _TEXT,
        "consumerGroup": _TEXT,
        "topic": _TEXT,
        "lagThreshold": {"type": "string", "pattern": "^[0-9]+$"},
        "offsetResetPolicy": _one_of("earliest", "latest"),
        "allowIdleConsumers": _one_of("true", "false"),
        "sasl": _one_of("none", "scram_sha512"),
        "tls": _one_of("enable", "disable"),
    }
)
_TRIGGER: Final = _exactly(
    {"type": {"const": "kafka"}, "metadata": _KAFKA_TRIGGER, "authenticationRef": _exactly({"name": _TEXT})}
)
_RULE: Final = _exactly(
    {"expr": _TEXT}, {"record": _TEXT, "alert": _TEXT, "for": _TEXT, "labels": _TEXTS, "annotations": _TEXTS}
)
_RELABELING: Final = _exactly(
    {"targetLabel": _TEXT}, {"replacement": _TEXT, "sourceLabels": {"type": "array", "items": _TEXT}}
)

_BEARER: Final = _exactly({"type": {"const": "Bearer"}, "credentials": _exactly({"name": _TEXT, "key": _TEXT})})

SCHEMAS: Final = {
    "KafkaTopic": _resource(
        "kafka.strimzi.io/v1", _exactly({"partitions": _COUNT, "replicas": _COUNT, "config": _TEXTS})
    ),
    "KafkaUser": _resource(
        "kafka.strimzi.io/v1",
        _exactly(
            {
                "authentication": _exactly({"type": {"const": "scram-sha-512"}}),
                "authorization": _exactly({"type": {"const": "simple"}, "acls": _list(_ACL)}),
            }
        ),
    ),
    "ScaledObject": _resource(
        "keda.sh/v1alpha1",
        _exactly(
            {
                "scaleTargetRef": _exactly({"name": _TEXT}),
                "minReplicaCount": _COUNT,
                "maxReplicaCount": _COUNT,
                "pollingInterval": _COUNT,
                "cooldownPeriod": _COUNT,
                "advanced": _exactly({"horizontalPodAutoscalerConfig": _exactly({"behavior": _BEHAVIOR})}),
                "triggers": _list(_TRIGGER),
            }
        ),
    ),
    "TriggerAuthentication": _resource(
        "keda.sh/v1alpha1",
        _exactly({"env": _list(_exactly({"parameter": _TEXT, "name": _TEXT, "containerName": _TEXT}))}),
    ),
    "ServiceMonitor": _resource(
        "monitoring.coreos.com/v1",
        _exactly(
            {
                "selector": _exactly({"matchLabels": _TEXTS}),
                "endpoints": _list(
                    _exactly(
                        {
                            "port": _TEXT,
                            "path": _TEXT,
                            "interval": _TEXT,
                            "authorization": _BEARER,
                            "relabelings": _list(_RELABELING),
                        }
                    )
                ),
            }
        ),
    ),
    "PodMonitor": _resource(
        "monitoring.coreos.com/v1",
        _exactly(
            {
                "selector": _exactly({"matchLabels": _TEXTS}),
                "podMetricsEndpoints": _list(
                    _exactly({"port": _TEXT, "path": _TEXT, "interval": _TEXT, "relabelings": _list(_RELABELING)})
                ),
            }
        ),
    ),
    "PrometheusRule": _resource(
        "monitoring.coreos.com/v1",
        _exactly({"groups": _list(_exactly({"name": _TEXT, "interval": _TEXT, "rules": _list(_RULE)}))}),
    ),
}
