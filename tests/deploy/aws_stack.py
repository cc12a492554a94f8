"""Make a stack of a template in moto's imitation of the cloud, and print what came of it as JSON.

Run by the Python of .venv-deploy, which has moto: aws_stack.py TEMPLATE ['{"Parameter": "value"}'].
Without parameters it only prints the template, its short forms written out. What moto knows of a
stack is its wiring; attributes that it drops are looked for in the template.
"""

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

import boto3
from cfnlint.decode import decode, decode_str
from moto import mock_aws

REGION = "eu-central-1"
IMAGE = "/aws/service/debian/release/13/latest/arm64"


def several(body: str, parameters: dict[str, str]) -> dict[str, Any]:
    """Return the wiring of the template of several machines.

    The imitation knows no listener of TCP, and drops what a target group's targets are.
    """
    os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none")
    os.environ.update(AWS_DEFAULT_REGION=REGION)
    ec2, cloud = boto3.client("ec2"), boto3.client("cloudformation")
    ssm = boto3.client("ssm")
    ec2.create_key_pair(KeyName="admin")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ssm.put_parameter(Name="/debian", Type="String", Value=image)
    found, _ = decode_str(body.replace(IMAGE, "/debian"))
    kept = {
        name: each
        for name, each in found["Resources"].items()
        if each["Type"] != "AWS::ElasticLoadBalancingV2::Listener"
    }
    given = {"KeyPair": "admin", **parameters}
    cloud.create_stack(
        StackName="chat",
        TemplateBody=json.dumps({**found, "Resources": kept}),
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    reserved = ec2.describe_instances()["Reservations"]
    return {
        "status": cloud.describe_stacks(StackName="chat")["Stacks"][0]["StackStatus"],
        "machines": [each for one in reserved for each in one["Instances"]],
        "volumes": ec2.describe_volumes()["Volumes"],
        "parameters": ssm.get_parameters_by_path(Path="/hubbub/chat", Recursive=True)["Parameters"],
    }


def made(body: str, parameters: dict[str, str]) -> dict[str, Any]:
    os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none")
    os.environ.update(AWS_DEFAULT_REGION=REGION)
    ec2, cloud = boto3.client("ec2"), boto3.client("cloudformation")
    ssm, route53 = boto3.client("ssm"), boto3.client("route53")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    ec2.create_key_pair(KeyName="admin")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ssm.put_parameter(Name="/debian", Type="String", Value=image)
    # Names that begin with /aws/ are the cloud's own: nobody may make them in the imitation either.
    body = body.replace(IMAGE, "/debian")
    zone = route53.create_hosted_zone(Name="example.org", CallerReference="1")["HostedZone"]["Id"]
    given = {"Vpc": vpc, "Subnet": subnet, "KeyPair": "admin"}
    given |= {"HostedZone": zone.rpartition("/")[2], **parameters}
    cloud.create_stack(
        StackName="chat",
        TemplateBody=body,
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in given.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    stack = cloud.describe_stacks(StackName="chat")["Stacks"][0]
    ((machine,),) = (each["Instances"] for each in ec2.describe_instances()["Reservations"])
    data = ec2.describe_instance_attribute(InstanceId=machine["InstanceId"], Attribute="userData")
    records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    groups = [each["GroupId"] for each in machine["SecurityGroups"]]
    return {
        "status": stack["StackStatus"],
        "outputs": {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]},
        "machine": machine,
        "groups": ec2.describe_security_groups(GroupIds=groups)["SecurityGroups"],
        "addresses": ec2.describe_addresses()["Addresses"],
        "volumes": ec2.describe_volumes()["Volumes"],
        "records": [each for each in records if each["Type"] == "A"],
        "parameters": ssm.get_parameters_by_path(Path="/hubbub/chat", Recursive=True)["Parameters"],
        "user_data": base64.b64decode(data["UserData"]["Value"]).decode(),
    }


def main() -> None:
    path = sys.argv[1]
    if len(sys.argv) > 2:
        with mock_aws():
            make = several if "cluster" in path else made
            found = make(Path(path).read_text(), json.loads(sys.argv[2]))
    else:
        found, errors = decode(path)
        if errors:
            sys.exit(str(errors))
    json.dump(found, sys.stdout, default=str)


if __name__ == "__main__":
    main()
