"""The Kubernetes manifests: what their schemas say, probes, drain and rights."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
import yaml

from common.config import BASE_DIR, Config

VERSION = "1.31"
DOCUMENTS: list[dict[str, Any]] = [
    document
    for path in sorted((BASE_DIR / "deploy" / "kubernetes").glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text())
]


def only(kind: str) -> dict[str, Any]:
    [found] = [document for document in DOCUMENTS if document["kind"] == kind]
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: f"{document['kind']}")
def test_each_is_what_its_schema_says(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, VERSION, strict=True)


def test_a_wrong_one_would_be_found() -> None:
    wrong = {**only("Deployment"), "spec": {**only("Deployment")["spec"], "replicas": "two"}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


def test_the_settings_are_settings() -> None:
    assert set(only("ConfigMap")["data"]) <= {name.upper() for name in Config.model_fields}


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_containers_have_no_rights_and_write_nowhere_but_in_their_volumes(kind: str) -> None:
    pod = only(kind)["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    for container in (*pod.get("initContainers", []), *pod["containers"]):
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"]
        assert not rights["allowPrivilegeEscalation"]
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/tmp"}


def test_an_instance_has_more_time_to_stop_than_drain_and_pause_take() -> None:
    pod = only("Deployment")["spec"]["template"]["spec"]
    drain = float(only("ConfigMap")["data"]["DRAIN_SECONDS"])
    pause = float(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] >= drain + pause + 20


def test_probes_ask_what_each_is_for() -> None:
    container = only("Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    # One that restarts an instance must not depend on Redis or the database.
    assert (
        container["livenessProbe"]["httpGet"]["path"] == container["startupProbe"]["httpGet"]["path"] == "/health/live"
    )
    assert only("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
