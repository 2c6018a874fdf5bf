"""Apache Kafka that demands encryption, a name and permissions, with certificates made for the test."""

import datetime
import ipaddress
import re
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kafka import KafkaAdminClient
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ACLResourcePatternType, ResourcePattern, ResourceType

from agents.adapters.broker_process import HOST, free_port
from agents.adapters.kafka_process import CLUSTER, KafkaProcess, java
from agents.adapters.permissions import permissions_of
from agents.settings import Settings

PASSWORDS = {"worker": "w-Pa55word-of-the-worker", "operator": "o-Pa55word-of-the-operator", "source": "s-Pa55word"}
_MODULES = "org.apache.kafka.common.security"
CONFIG = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=SASL_SSL://{host}:{secure},INTERNAL://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=SASL_SSL://{host}:{secure},INTERNAL://{host}:{port}
listener.security.protocol.map=SASL_SSL:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INTERNAL
controller.listener.names=CONTROLLER
log.dirs={folder}/logs
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
sasl.enabled.mechanisms=SCRAM-SHA-512,SCRAM-SHA-256,PLAIN,OAUTHBEARER
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={modules}.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config={modules}.scram.ScramLoginModule required;
listener.name.sasl_ssl.plain.sasl.jaas.config={modules}.plain.PlainLoginModule required {plain};
listener.name.sasl_ssl.oauthbearer.sasl.jaas.config={modules}.oauthbearer.OAuthBearerLoginModule required \
unsecuredLoginStringClaim_sub="broker";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""


class SecureKafka(KafkaProcess):
    """One broker; `secure` is where the demanding listener is, `bootstrap` the one of the test itself."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.secure_port = free_port()
        self.ca = folder / "ca.pem"

    @property
    def secure(self) -> str:
        """Where the program finds it."""
        return f"{HOST}:{self.secure_port}"

    def prepare(self) -> None:
        """Make certificates, write the configuration, format with the names and passwords."""
        authority, key = make_authority("Redian tests")
        self.ca.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
        make_certificate(authority, key, self.folder / "broker.pem")
        plain = " ".join(f'user_{name}="{password}"' for name, password in PASSWORDS.items())
        config = self.folder / "server.properties"
        values = {"port": self.port, "secure": self.secure_port, "controller": free_port(), "plain": plain}
        config.write_text(CONFIG.format(host=HOST, folder=self.folder.resolve(), modules=_MODULES, **values), "utf-8")
        kinds = ("SCRAM-SHA-512", "SCRAM-SHA-256")
        names = [f"{kind}=[name={name},password={word}]" for name, word in PASSWORDS.items() for kind in kinds]
        tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(config.resolve())]
        scram = [part for name in names for part in ("--add-scram", name)]
        subprocess.run([*java("128m"), *tool, *scram], check=True, capture_output=True)

    def grant(self, role: str, settings: Settings) -> None:
        """Give a role what `redian topics acls` says that it needs, and nothing else."""
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        acls = []
        for needed in permissions_of(role, settings):
            kind = ResourceType[needed.kind.upper()]
            pattern = ResourcePattern(kind, needed.name, ACLResourcePatternType.LITERAL)
            for name in needed.operations:
                operation = ACLOperation[re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()]
                acls.append(ACL(f"User:{role}", "*", operation, ACLPermissionType.ALLOW, pattern))
        admin.create_acls(acls)
        admin.close()


def make_authority(name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Return the certificate and key of an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _certificate(name, key, name, key, authority=True), key


def make_certificate(authority: x509.Certificate, signer: ec.EllipticCurvePrivateKey, path: Path) -> None:
    """Write a key and a certificate for this machine into one file, as Kafka wants it."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    certificate = _certificate("broker", key, str(issuer), signer, authority=False)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))


def _certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey, *, authority: bool
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    alternative = [x509.IPAddress(ipaddress.ip_address(HOST))]
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(alternative), critical=False)
        .sign(signer, hashes.SHA256())
    )
