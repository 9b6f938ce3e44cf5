"""Checks of the stand-ins for cloud programs in Tests/Support/cloud. scripts/test runs them."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import unittest

CLOUD = pathlib.Path(__file__).resolve().parents[1] / "Support" / "cloud"


class StandInTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.state_file, self.log_file = self.folder / "state.json", self.folder / "log"
        self.environment = {
            "PATH": f"{self.folder}:/usr/bin:/bin", "HOME": str(self.folder), "MLOPS_SETUP_CLOUD_STATE": str(self.state_file),
            "MLOPS_SETUP_CLOUD_LOG": str(self.log_file)}

    def seed(self, **state):
        self.state_file.write_text(json.dumps(state))

    def state(self):
        return json.loads(self.state_file.read_text())

    def calls(self):
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]

    def call(self, program, *arguments, stdin=None):
        return subprocess.run(
            [str(CLOUD / program), *arguments], capture_output=True, text=True, check=False, env=self.environment,
            **({"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}))

    def out(self, program, line):
        """What a call wrote to stdout that has to end well."""
        done = self.call(program, *line.split())
        self.assertEqual(done.returncode, 0, f"{line}: {done.stderr}")
        return done.stdout

    def error(self, program, line, status):
        """The first line of what a call wrote to stderr that has to fail."""
        done = self.call(program, *line.split())
        self.assertEqual(done.returncode, status, f"{line}: {done.stdout}{done.stderr}")
        self.assertEqual(done.stdout, "")
        return done.stderr.splitlines()[0]


class LogTest(StandInTest):
    def test_a_call_is_logged_with_names_of_variables_and_without_their_values(self):
        self.seed(az={})
        self.environment.update(AZURE_CLIENT_SECRET="hunter2", KUBECONFIG="/k", LANG="C")
        self.call("az", "version", stdin="secret")
        self.call("az", "nonsense", "--password", "x")
        first, second = self.calls()
        self.assertEqual(first, {
            "program": "az", "argv": ["version"], "environment": ["AZURE_CLIENT_SECRET", "KUBECONFIG"],
            "stdin": "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"})
        self.assertEqual((second["argv"], second["stdin"]), (["nonsense", "--password", "x"], None))
        self.assertNotIn("hunter2", self.log_file.read_text())


class AzTest(StandInTest):
    def setUp(self):
        super().setUp()
        self.seed(az=self.world())

    @staticmethod
    def world(**changes):
        return {
            "user": {"name": "ann@example.com", "tenantId": "t"},
            "subscriptions": [{"id": "s-1", "name": "Prod", "isDefault": True}, {"id": "s-2", "name": "Test"}],
            "registries": [{"name": "acme01", "resourceGroup": "rg", "subscription": "s-1"}],
            "clusters": [{"name": "aks", "resourceGroup": "rg", "subscription": "s-1"}], **changes}

    def test_what_the_real_program_does_not_know_is_refused_in_its_words(self):
        # As azure-cli 2.91.0 says it.
        for line, text in {
            "account show --nonsense": "unrecognized arguments: --nonsense",
            "acr show": "the following arguments are required: --name/-n",
            "acr show --name": "argument --name/-n: expected one argument",
            "acr show -n acme01 stray": "unrecognized arguments: stray",
            "acr show -n acme01 -o xml": "az acr show: 'xml' is not a valid value for '--output'. Allowed values: json, jsonc, "
                                         "yaml, yamlc, table, tsv, none.",
            "acr frob": "'frob' is misspelled or not recognized by the system.",
            "frob": "'frob' is misspelled or not recognized by the system.",
            "acr": "the following arguments are required: _subcommand",
            "acr update -n acme01 --admin-enabled maybe": "az acr update: 'maybe' is not a valid value for '--admin-enabled'. "
                                                          "Allowed values: true, false.",
            "acr token create -n t": "the following arguments are required: --registry/-r",
            "acr token create -n t -r acme01 --expiration-in-days x": "argument --expiration-in-days: invalid int value: 'x'",
            "role assignment create --role AcrPush": "the following arguments are required: --scope",
        }.items():
            with self.subTest(line):
                self.assertEqual(self.error("az", line, 2), f"ERROR: {text}")

    def test_who_is_not_logged_in_or_no_longer_is_told(self):
        self.seed(az=self.world(user=None))
        for line in ("account show", "acr show -n acme01", "aks show -n aks -g rg"):
            self.assertEqual(self.error("az", line, 1), "ERROR: Please run 'az login' to setup account.")
        self.seed(az=self.world(user={"name": "ann", "tenantId": "t", "expired": True}))
        self.assertIn("AADSTS70043", self.error("az", "acr show -n acme01", 1))
        self.assertEqual(self.out("az", "account show --query name -o tsv"), "Prod\n")

    def test_what_is_not_there_and_what_is_denied(self):
        for line, status, text in (
            ("acr show -n nosuch", 1, "The resource with name 'nosuch' and type 'Microsoft.ContainerRegistry/registries' could not "
                                      "be found in subscription 'Prod (s-1)'."),
            ("acr show -n acme01 -g other", 3, "(ResourceNotFound) The Resource 'Microsoft.ContainerRegistry/registries/acme01' "
                                               "under resource group 'other' was not found. For more details please go to "
                                               "https://aka.ms/ARMResourceNotFoundFix"),
            ("acr show -n acme01 --subscription Test", 1, "The resource with name 'acme01' and type 'Microsoft.ContainerRegistry/"
                                                          "registries' could not be found in subscription 'Test (s-2)'."),
            ("acr show -n UP", 1, "Registry names may contain only alpha numeric characters and must be between 5 and 50 characters"),
            ("aks show -n no -g rg", 3, "(ResourceNotFound) The Resource 'Microsoft.ContainerService/managedClusters/no' under "
                                        "resource group 'rg' was not found. For more details please go to "
                                        "https://aka.ms/ARMResourceNotFoundFix"),
            ("role assignment create --role Nope --scope /s --assignee-object-id o", 1, "Role 'Nope' doesn't exist."),
            ("acr token create -n t -r acme01", 1, "usage error: can't use --scope-map and --repository | --gateway"),
            ("ad sp create-for-rbac --role AcrPush", 1, "Usage error: To create role assignments, specify both --role and --scopes."),
        ):
            with self.subTest(line):
                self.assertEqual(self.error("az", line, status), f"ERROR: {text}")
        self.seed(az=self.world(denied=["Microsoft.ContainerRegistry/registries/tokens/write"]))
        denied = self.error("az", "acr token create -n t -r acme01 --repository a content/read", 1)
        self.assertIn("(AuthorizationFailed) The client 'ann@example.com' with object id '", denied)
        self.assertIn("does not have authorization to perform action 'Microsoft.ContainerRegistry/registries/tokens/write'", denied)

    def test_the_admin_user_is_enabled_before_its_passwords_are_shown(self):
        self.assertEqual(self.error("az", "acr credential show -n acme01", 1),
                         "ERROR: Run 'az acr update -n acme01 --admin-enabled true' to enable admin first.")
        self.assertEqual(self.out("az", "acr update -n acme01 --admin-enabled true --query adminUserEnabled"), "true\n")
        shown = json.loads(self.out("az", "acr credential show -n acme01"))
        self.assertEqual((shown["username"], [one["name"] for one in shown["passwords"]]), ("acme01", ["password", "password2"]))

    def test_a_token_is_made_of_a_scope_map_and_its_password_is_shown_once(self):
        self.assertEqual(json.loads(self.out(
            "az", "acr scope-map create -n m -r acme01 --repository A/b content/read content/write --query actions")),
            ["repositories/a/b/content/read", "repositories/a/b/content/write"])
        self.assertEqual(self.error("az", "acr token create -n t -r acme01 --scope-map nope", 3).split()[1], "(ResourceNotFound)")
        self.out("az", "acr token create -n t -r acme01 --scope-map m --no-passwords true")
        made = json.loads(self.out("az", "acr token credential generate -n t -r acme01 --password1 --expiration-in-days 30"))
        self.assertEqual((made["username"], made["passwords"][0]["name"]), ("t", "password1"))
        shown = json.loads(self.out("az", "acr token show -n t -r acme01"))
        self.assertEqual([one["value"] for one in shown["credentials"]["passwords"]], [None])
        self.assertEqual(self.state()["az"]["registries"][0]["tokenPasswords"]["t"]["password1"], made["passwords"][0]["value"])
        self.assertIn("no tty", self.call("az", *"acr token delete -n t -r acme01".split()).stderr)
        self.out("az", "acr token delete -n t -r acme01 --yes")
        self.error("az", "acr token show -n t -r acme01", 3)

    def test_a_principal_gets_its_role(self):
        made = json.loads(self.out("az", "ad sp create-for-rbac --name mlops --role AcrPush --scopes /subscriptions/s-1/x"))
        self.assertEqual((sorted(made), made["displayName"]), (["appId", "displayName", "password", "tenant"], "mlops"))
        listed = json.loads(self.out("az", f"role assignment list --assignee {made['appId']} --scope /subscriptions/s-1/x"))
        self.assertEqual([one["roleDefinitionName"] for one in listed], ["AcrPush"])
        self.assertEqual(json.loads(self.out("az", "role assignment list --scope /subscriptions/s-1/x/y")), [])
        self.assertEqual(len(json.loads(self.out("az", "role assignment list --scope /subscriptions/s-1/x/y --include-inherited"))), 1)

    def test_outputs_and_queries(self):
        self.assertEqual(self.out("az", "acr show -n acme01 --query loginServer -o tsv"), "acme01.azurecr.io\n")
        self.assertEqual(self.out("az", "acr show -n acme01 --query nope"), "")
        self.assertEqual(self.out("az", "acr show -n acme01 --query sku.name"), '"Standard"\n')
        token = self.call("az", *"acr login -n acme01 --expose-token --only-show-errors --query username".split())
        self.assertEqual((token.stdout, token.stderr), ('"00000000-0000-0000-0000-000000000000"\n', ""))
        self.error("az", "acr show -n acme01 --query keys(@)", 70)


class GcloudTest(StandInTest):
    POOL = "principal://iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/acme-ml.svc.id.goog/subject/ns/m/sa/b"

    def setUp(self):
        super().setUp()
        self.seed(gcloud=self.world())

    @staticmethod
    def world(**changes):
        return {
            "account": "ann@example.com", "properties": {"core/project": "acme-ml"},
            "projects": [{"projectId": "acme-ml", "projectNumber": "123", "services": [
                "artifactregistry.googleapis.com", "container.googleapis.com", "iam.googleapis.com"]}],
            "clusters": [{"project": "acme-ml", "location": "us-central1", "name": "prod", "nodePools": [{"name": "p1"}]}], **changes}

    def test_what_the_real_program_does_not_know_is_refused(self):
        for line, text in {
            "projects frob": "(gcloud.projects) Invalid choice: 'frob'.",
            "projects describe": "(gcloud.projects.describe) argument PROJECT_ID_OR_NUMBER: Must be specified.",
            "projects describe a b": "(gcloud.projects.describe) unrecognized arguments: b ",
            "projects describe a --bogus": "(gcloud.projects.describe) unrecognized arguments: --bogus ",
            "projects describe a --account": "(gcloud.projects.describe) argument --account: expected one argument",
            "artifacts repositories create r --location=l": "(gcloud.artifacts.repositories.create) argument --repository-format: "
                                                            "Must be specified.",
            "container node-pools update p1 --cluster=prod --location=us-central1 --workload-metadata=X":
                "(gcloud.container.node-pools.update) argument --workload-metadata: Invalid choice: 'X'.",
        }.items():
            with self.subTest(line):
                self.assertEqual(self.error("gcloud", line, 2), f"ERROR: {text}")
        self.error("gcloud", "projects describe acme-ml --format=table(name)", 70)

    def test_who_is_not_logged_in_or_no_longer_is_told(self):
        for changes, text in (
            ({"account": None}, "You do not currently have an active account selected."),
            ({"expired": True}, "There was a problem refreshing your current auth tokens: Reauthentication failed. cannot prompt "
                                "during non-interactive execution."),
        ):
            self.seed(gcloud=self.world(**changes))
            self.assertEqual(self.error("gcloud", "projects describe acme-ml", 1), f"ERROR: (gcloud.projects.describe) {text}")
            self.assertEqual(self.error("gcloud", "auth print-access-token", 1), f"ERROR: (gcloud.auth.print-access-token) {text}")

    def test_what_is_not_there_and_what_is_denied(self):
        self.assertIn("[ann@example.com] does not have permission to access projects instance [other] (or it may not exist)",
                      self.error("gcloud", "projects describe other", 1))
        self.assertIn("NOT_FOUND: Requested entity was not found.",
                      self.error("gcloud", "artifacts repositories describe r --location=l", 1))
        self.assertIn("Not found: projects/acme-ml/locations/us-central1-a/clusters/prod",
                      self.error("gcloud", "container clusters describe prod --zone=us-central1-a", 1))
        self.seed(gcloud=self.world(denied=["artifactregistry.repositories.create"]))
        self.assertIn("PERMISSION_DENIED: Permission 'artifactregistry.repositories.create' denied on resource",
                      self.error("gcloud", "artifacts repositories create r --location=l --repository-format=docker", 1))
        self.seed(gcloud=self.world(properties={}))
        self.assertIn("The required property [project] is not currently set.", self.error("gcloud", "services list", 1))

    def test_a_service_that_is_not_enabled_says_so_until_it_is(self):
        self.seed(gcloud=self.world(projects=[{"projectId": "acme-ml", "projectNumber": "123", "services": []}]))
        create = "artifacts repositories create r --location=l --repository-format=docker"
        self.assertIn("Artifact Registry API has not been used in project acme-ml before or it is disabled.",
                      self.error("gcloud", create, 1))
        self.out("gcloud", "services enable artifactregistry.googleapis.com")
        self.out("gcloud", create)
        self.assertIn("ALREADY_EXISTS: the repository already exists", self.error("gcloud", create, 1))
        self.assertEqual(self.out("gcloud", "services list --format=value(config.name)"), "artifactregistry.googleapis.com\n")
        shown = json.loads(self.out("gcloud", "artifacts repositories describe r --location=l --format=json"))
        self.assertEqual((shown["format"], shown["registryUri"]), ("DOCKER", "l-docker.pkg.dev/acme-ml/r"))
        self.assertIn("--quiet", self.call("gcloud", *"artifacts repositories delete r --location=l".split()).stderr)
        self.out("gcloud", "artifacts repositories delete r --location=l --quiet")
        self.error("gcloud", "artifacts repositories describe r --location=l", 1)

    def test_workload_identity_comes_before_its_members(self):
        self.out("gcloud", "artifacts repositories create r --location=l --repository-format=docker")
        bind = f"artifacts repositories add-iam-policy-binding r --location=l --role=roles/artifactregistry.writer --member={self.POOL}"
        pool = "container node-pools update p1 --cluster=prod --location=us-central1 --workload-metadata=GKE_METADATA"
        self.assertIn("Identity Pool does not exist (acme-ml.svc.id.goog).", self.error("gcloud", bind, 1))
        self.error("gcloud", pool, 1)
        self.out("gcloud", "container clusters update prod --location=us-central1 --workload-pool=acme-ml.svc.id.goog")
        self.out("gcloud", pool)
        self.assertEqual(self.out("gcloud", "container clusters describe prod --location=us-central1 "
                                  "--format=value(workloadIdentityConfig.workloadPool,name)"), "acme-ml.svc.id.goog\tprod\n")
        self.assertEqual(self.out("gcloud", "container node-pools list --cluster=prod --location=us-central1 "
                                  "--format=value(name,config.workloadMetadataConfig.mode)"), "p1\tGKE_METADATA\n")
        self.assertIn(self.POOL, self.out("gcloud", bind))
        policy = json.loads(self.out("gcloud", "artifacts repositories get-iam-policy r --location=l --format=json"))
        self.assertEqual(policy["bindings"], [{"members": [self.POOL], "role": "roles/artifactregistry.writer"}])
        self.out("gcloud", bind.replace("add-iam", "remove-iam"))
        self.assertIn("not found!", self.error("gcloud", bind.replace("add-iam", "remove-iam"), 1))

    def test_a_service_account_is_there_before_it_is_bound(self):
        email = "gcr-push-user@acme-ml.iam.gserviceaccount.com"
        bind = f"projects add-iam-policy-binding acme-ml --member=serviceAccount:{email} --role=roles/artifactregistry.writer"
        self.assertIn(f"INVALID_ARGUMENT: Service account {email} does not exist.", self.error("gcloud", bind, 1))
        self.out("gcloud", "iam service-accounts create gcr-push-user")
        self.assertIn("already exists within project projects/acme-ml.",
                      self.error("gcloud", "iam service-accounts create gcr-push-user", 1))
        self.out("gcloud", bind)
        self.assertEqual(self.out("gcloud", f"iam service-accounts describe {email} --format=value(email)"), f"{email}\n")
        self.out("gcloud", f"iam service-accounts delete {email} -q")
        self.assertIn("NOT_FOUND: Unknown service account", self.error("gcloud", f"iam service-accounts describe {email}", 1))

    def test_settings_and_accounts(self):
        self.assertEqual(self.out("gcloud", "config get-value project"), "acme-ml\n")
        unset = self.call("gcloud", "config", "get-value", "compute/region")
        self.assertEqual((unset.stdout, unset.stderr), ("\n", "(unset)\n"))
        self.assertEqual(json.loads(self.out("gcloud", "config list --format=json")),
                         {"core": {"account": "ann@example.com", "project": "acme-ml"}})
        self.assertEqual(self.out("gcloud", "auth list --filter=status:ACTIVE --format=value(account)"), "ann@example.com\n")


class EksctlTest(StandInTest):
    """eksctl on the server that stands for AWS, with a kubectl that notes what it is told."""

    POLICY = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPowerUser"

    def setUp(self):
        super().setUp()
        self.seed()
        kubectl = self.folder / "kubectl"
        kubectl.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>{self.folder}/kubectl.log\ncat >>{self.folder}/kubectl.in\n')
        kubectl.chmod(0o755)

    def serve(self):
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
            port = server.getsockname()[1]
        with open(self.folder / "moto.log", "w", encoding="utf-8") as log:
            moto = subprocess.Popen([str(CLOUD / "moto-server"), str(port)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(moto.wait)
        self.addCleanup(moto.terminate)
        for _ in range(600):
            self.assertIsNone(moto.poll(), (self.folder / "moto.log").read_text())
            with contextlib.suppress(OSError), contextlib.closing(socket.create_connection(("127.0.0.1", port))):
                break
            time.sleep(0.05)
        self.environment.update(
            AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}", AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="b", NO_PROXY="127.0.0.1",
            AWS_DEFAULT_REGION="eu-central-1", AWS_PAGER="", AWS_EC2_METADATA_DISABLED="true")

    def test_what_the_real_program_does_not_know_is_refused(self):
        for line, text in {
            "create frob": 'unknown resource type "frob"',
            "frob": 'unknown command "frob" for "eksctl"',
            "create iamserviceaccount --bogus": "unknown flag: --bogus",
            "create iamserviceaccount --name": "flag needs an argument: --name",
            "create iamserviceaccount --cluster c": "--name must be set",
            "create iamserviceaccount --cluster c --name n": "--attach-policy-arn or --attach-role-arn must be set",
            "create podidentityassociation --cluster c --namespace n --service-account-name s":
                "at least one of the following flags must be specified: --role-arn, --permission-policy-arns, --well-known-policies",
        }.items():
            with self.subTest(line):
                self.assertEqual(self.error("eksctl", line, 1), f"Error: {text}")

    def test_roles_and_associations_stand_in_the_same_aws(self):
        self.serve()
        self.out("aws", "eks create-cluster --name prod --role-arn arn:aws:iam::123456789012:role/r --resources-vpc-config "
                        "subnetIds=subnet-1,subnet-2")
        account = (f"create iamserviceaccount --cluster prod --namespace m --name b --attach-policy-arn {self.POLICY} "
                   "--role-name builder --approve")
        self.assertIn("Error: unable to create iamserviceaccount(s) without IAM OIDC provider enabled",
                      self.call("eksctl", *account.split()).stderr)
        self.assertIn("(plan) would create IAM Open ID Connect provider", self.out("eksctl", "utils associate-iam-oidc-provider "
                                                                                   "--cluster prod"))
        self.out("eksctl", "utils associate-iam-oidc-provider --cluster prod --approve")
        self.assertIn('created serviceaccount "m/b"', self.out("eksctl", account))
        made = json.loads((self.folder / "kubectl.in").read_text())
        self.assertEqual(made["metadata"]["annotations"], {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/builder"})
        self.assertIn("system:serviceaccount:m:b", self.out("aws", "iam get-role --role-name builder"))
        self.assertIn("no tasks", self.out("eksctl", account))
        self.assertEqual(self.state()["eksctl"]["serviceAccounts"][0]["roleARN"], "arn:aws:iam::123456789012:role/builder")
        associate = (f"create podidentityassociation --cluster prod --namespace m --service-account-name b "
                     f"--role-arn arn:aws:iam::123456789012:role/builder")
        self.assertIn("must be installed to create pod identity associations", self.call("eksctl", *associate.split()).stderr)
        self.out("eksctl", "create addon --cluster prod --name eks-pod-identity-agent")
        self.out("eksctl", associate)
        self.assertIn("ResourceInUseException: Association already exists: a-", self.call("eksctl", *associate.split()).stderr)
        shown = json.loads(self.out("eksctl", "get podidentityassociation --cluster prod -o json"))
        self.assertEqual([(one["Namespace"], one["ServiceAccountName"]) for one in shown], [("m", "b")])
        self.out("eksctl", "delete iamserviceaccount --cluster prod --namespace m --name b --approve")
        self.assertIn("NoSuchEntity", self.call("aws", "iam", "get-role", "--role-name", "builder").stderr)
        self.assertNotIn("not-a-secret", self.log_file.read_text())


if __name__ == "__main__":
    unittest.main()
