// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// OTLP in protobuf (id "otlp-protobuf"): one message, or the collector's stream of messages with lengths.
const Importer &otlpProtoImporter();

} // namespace tailscope::import
