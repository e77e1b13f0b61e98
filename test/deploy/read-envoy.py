# Reads a configuration of Envoy from standard input with Envoy's own protocol buffers: a field that there
# is none of, or a value of the wrong kind, is an error. Filters alone are read as those of a connection manager.

import sys
import yaml
from google.protobuf import json_format
from envoy.config.bootstrap.v3 import bootstrap_pb2
from envoy.extensions.filters.network.http_connection_manager.v3 import http_connection_manager_pb2
# What `typed_config` may name.
from envoy.extensions.filters.http.ext_authz.v3 import ext_authz_pb2  # noqa: F401
from envoy.extensions.filters.http.header_mutation.v3 import header_mutation_pb2  # noqa: F401
from envoy.extensions.filters.http.router.v3 import router_pb2  # noqa: F401
from envoy.extensions.transport_sockets.tls.v3 import tls_pb2  # noqa: F401

tree = yaml.safe_load(sys.stdin)
if "static_resources" in tree:
    message = bootstrap_pb2.Bootstrap()
else:
    message = http_connection_manager_pb2.HttpConnectionManager()
try:
    json_format.ParseDict(tree, message)
except json_format.ParseError as problem:
    sys.exit(str(problem))
