"""Containers and Kubernetes, as far as they can be checked without running any: schemas, lint, and what must agree."""

import json
import re
import shutil
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from agents.settings import Settings
from deploy.generate import kubernetes
from streams.contracts.topics import POSTS, TOPICS
from tests.conftest import ROOT
from tests.deploy.custom_resources import SCHEMAS

pytestmark = pytest.mark.deploy

TOOLS = ROOT / ".tools" / "bin"
COMPOSE = ROOT / "deploy" / "compose.yml"
OVERLAYS = ("cpu", "gpu", "bluesky")


def tool(name: str, *arguments: str | Path) -> str:
    command = [str(TOOLS / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def built(overlay: str) -> list[dict[str, Any]]:
    """What an overlay applies."""
    text = tool("kubectl", "kustomize", ROOT / "deploy" / "kubernetes" / "overlays" / overlay)
    return list(yaml.safe_load_all(text))


@pytest.fixture(scope="module", params=OVERLAYS)
def objects(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """What each overlay applies."""
    return built(request.param)


def only(objects: list[dict[str, Any]], kind: str, name: str = "") -> dict[str, Any]:
    (found,) = [one for one in of_kind(objects, kind) if not name or one["metadata"]["name"] == name]
    return found


def of_kind(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [found for found in objects if found["kind"] == kind]


def sources_of(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The Deployments of sources."""
    return [one for one in of_kind(objects, "Deployment") if one["metadata"]["name"] != "redian-worker"]


def test_the_dockerfile_is_linted() -> None:
    assert not tool("hadolint", "--format", "tty", ROOT / "Dockerfile")


def test_the_compose_file_follows_the_specification() -> None:
    tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


SERVICES = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_pinned_confined_and_watched(name: str) -> None:
    service = SERVICES[name]
    assert re.search(r":v?\d+\.\d+\.\d+[a-z0-9.-]*$", service["image"]), "an exact tag"
    assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}
    assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", [])), "loopback unless you say so"
    if name != "kafka":  # its image writes its configuration below its root
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
    if "build" not in service:
        assert service["healthcheck"]["test"]  # the image's own, where we build it


def test_prometheus_looks_for_services_that_compose_runs_and_where_they_serve() -> None:
    jobs = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    looked = {name: found["port"] for job in jobs for found in job["dns_sd_configs"] for name in found["names"]}
    assert set(looked) <= set(SERVICES)
    sources = {name: service["command"] for name, service in SERVICES.items() if "ingest" in service.get("command", [])}
    assert sources
    for name, command in sources.items():
        assert command[command.index("--metrics-port") + 1] == str(looked[name])
        assert SERVICES[name]["environment"]["REDIAN_METRICS_HOST"] == "0.0.0.0"  # of the container


def test_what_compose_mounts_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./") and source != "./data":
                assert (COMPOSE.parent / source).exists(), source


def test_what_the_image_copies_is_enough_to_run(tmp_path: Path) -> None:
    """The files that the build stage copies, and nothing else of this checkout, with its locked environment."""
    stage = (ROOT / "Dockerfile").read_text("utf-8").partition("FROM base-gpu AS build-gpu")[0]
    copied = [line.split()[1:-1] for line in stage.splitlines() if line.startswith("COPY ")]
    for source in {source for sources in copied for source in sources}:
        target = tmp_path / "image" / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__", "recipes"))
        else:
            shutil.copy(ROOT / source, target)
    script = f"import sys; sys.path[:] = [p for p in sys.path if p != {str(ROOT)!r}]; sys.path.insert(0, '.'); "
    check = "from agents.cli.main import app; app(['models', 'verify'])"
    command = [sys.executable, "-c", script + check]
    done = subprocess.run(command, cwd=tmp_path / "image", capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_both_targets_differ_in_the_base_and_the_lock_alone() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    stages = dict(re.findall(r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM |\Z)", text, re.M | re.S))

    def without_variant(stage: str) -> str:
        return re.sub(r"cpu|gpu|cuda", "VARIANT", stages[stage]).replace("python3.12", "python")

    assert without_variant("build-cpu").split("\n# ")[0].strip() == without_variant("build-gpu").strip()
    assert without_variant("cpu").strip() == without_variant("gpu").strip()


def test_kubernetes_objects_are_valid(objects: list[dict[str, Any]], tmp_path: Path) -> None:
    builtin = [found for found in objects if found["kind"] not in SCHEMAS]
    (tmp_path / "objects.yaml").write_text(yaml.safe_dump_all(builtin), "utf-8")
    tool("kubernetes-validate", "--strict", tmp_path / "objects.yaml")
    for found in objects:
        if found["kind"] in SCHEMAS:
            jsonschema.validate(found, SCHEMAS[found["kind"]])
    assert {found["kind"] for found in objects} >= {"Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy"}


def test_workers_never_outnumber_partitions(objects: list[dict[str, Any]]) -> None:
    settings = only(objects, "ConfigMap")["data"]
    scaling = only(objects, "ScaledObject")["spec"]
    (posts,) = [
        found["spec"] for found in objects if found["kind"] == "KafkaTopic" and found["metadata"]["name"] == POSTS.name
    ]
    partitions = int(settings["REDIAN_POSTS_PARTITIONS"])
    assert scaling["maxReplicaCount"] == partitions == posts["partitions"]
    trigger = scaling["triggers"][0]["metadata"]
    assert trigger["bootstrapServers"] == settings["REDIAN_BOOTSTRAP"]
    assert trigger["consumerGroup"] == Settings.model_fields["app_id"].default
    assert "replicas" not in only(objects, "Deployment", "redian-worker")["spec"], "the number is KEDA's"


def test_settings_are_settings(objects: list[dict[str, Any]]) -> None:
    known = {f"REDIAN_{name.upper()}" for name in Settings.model_fields}
    assert only(objects, "ConfigMap")["data"].keys() <= known
    for found in of_kind(objects, "Deployment"):
        (container,) = found["spec"]["template"]["spec"]["containers"]
        assert {variable["name"] for variable in container["env"]} <= known
    for service in SERVICES.values():
        given = service.get("environment", {})
        assert {name for name in given if name.startswith("REDIAN_")} <= known
    set_by_image = re.findall(r"\b(REDIAN_[A-Z_]+)=", (ROOT / "Dockerfile").read_text("utf-8"))
    assert set(set_by_image) <= known


def test_a_pod_is_confined(objects: list[dict[str, Any]]) -> None:
    for found in of_kind(objects, "Deployment"):
        pod = found["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert "memory" in container["resources"]["limits"]
            assert re.search(r":\d+\.\d+\.\d+-(cpu|gpu)$", container["image"])


def test_a_source_runs_once_knows_no_key_of_authors_and_is_scraped_by_the_name_that_rules_know() -> None:
    objects = built("bluesky")
    (source,) = sources_of(objects)
    assert (source["spec"]["replicas"], source["spec"]["strategy"]["type"]) == (1, "Recreate")
    (container,) = source["spec"]["template"]["spec"]["containers"]
    given = {variable["name"]: variable.get("value") for variable in container["env"]}
    assert "REDIAN_AUTHOR_KEY" not in given
    assert given["REDIAN_SASL_USERNAME"] in {user["metadata"]["name"] for user in of_kind(objects, "KafkaUser")}

    monitor, policy = only(objects, "PodMonitor")["spec"], only(objects, "NetworkPolicy", "redian-source")["spec"]
    labels = source["spec"]["template"]["metadata"]["labels"]
    for selector in (monitor["selector"], policy["podSelector"], source["spec"]["selector"]):
        assert selector["matchLabels"].items() <= labels.items()
    (endpoint,), (port,) = monitor["podMetricsEndpoints"], container["ports"]
    assert endpoint["port"] == port["name"]
    assert {"targetLabel": "job", "replacement": "sources"} in endpoint["relabelings"]
    assert policy["ingress"][0]["ports"][0]["port"] == port["containerPort"]
    assert container["args"][container["args"].index("--metrics-port") + 1] == str(port["containerPort"])
    assert given["REDIAN_METRICS_HOST"] == "0.0.0.0"


def test_pods_reach_the_public_outside_and_nothing_else_inside(objects: list[dict[str, Any]]) -> None:
    for component in ("worker", "source") if sources_of(objects) else ("worker",):
        policies = [
            found["spec"]
            for found in of_kind(objects, "NetworkPolicy")
            if found["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == component
        ]
        rules = [rule for policy in policies for rule in policy["egress"]]
        ports = sorted({port["port"] for rule in rules for port in rule["ports"]})
        assert ports == [53, 443, 9092, 9093]
        (outside,) = [rule for rule in rules if rule["ports"][0]["port"] == 443]
        for peer in outside["to"]:
            cidr, private = ip_network(peer["ipBlock"]["cidr"]), map(ip_network, peer["ipBlock"]["except"])
            assert all(one.subnet_of(cidr) and not one.is_global for one in private)
        metadata_of_clouds = ip_address("169.254.169.254")
        assert any(metadata_of_clouds in ip_network(one) for one in outside["to"][0]["ipBlock"]["except"])


def test_every_topic_is_there_once(objects: list[dict[str, Any]]) -> None:
    names = [found["metadata"]["name"] for found in objects if found["kind"] == "KafkaTopic"]
    assert sorted(names) == sorted(topic.name for topic in TOPICS)


@pytest.mark.parametrize("path", kubernetes.files(), ids=lambda path: path.name)
def test_what_is_generated_is_current(path: Path) -> None:
    assert path.read_text("utf-8") == kubernetes.files()[path], "run: make generated"


def test_the_newest_grafana_there_is_a_schema_of_knows_all_that_dashboards_say(tmp_path: Path) -> None:
    folder = ROOT / "deploy" / "grafana" / "dashboards"
    wrong = json.loads((folder / "operations.json").read_text("utf-8"))
    wrong["panels"][0]["options"]["coloring"] = "value"
    (tmp_path / "wrong.json").write_text(json.dumps(wrong), "utf-8")
    reader = Path(__file__).with_name("grafana_schema.py")
    found = json.loads(tool("python", reader, *folder.glob("*.json"), tmp_path / "wrong.json"))
    assert ".panels[].options.coloring" in found.pop("wrong")
    assert len(found) == len(list(folder.glob("*.json")))
    for name, unknown in found.items():
        # What 11 has dropped (the look of the page, an id of variables) and what an export says beside the dashboard.
        assert unknown == [".__requires", ".style", ".templating.list[].id"], name


def test_grafana_finds_its_dashboards_and_their_data() -> None:
    folder = ROOT / "deploy" / "grafana"
    provider = yaml.safe_load((folder / "provisioning" / "dashboards" / "redian.yml").read_text("utf-8"))
    path = provider["providers"][0]["options"]["path"]
    mounts = dict(volume.split(":")[:2] for volume in SERVICES["grafana"]["volumes"])
    assert mounts["./grafana/dashboards"] == path
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert json.loads((folder / "dashboards" / Path(home).name).read_text("utf-8"))["uid"] == "redian-operations"
