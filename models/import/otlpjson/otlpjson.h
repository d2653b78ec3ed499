// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

namespace tailscope::import {

/// OTLP JSON traces (id "otlp-json"): collector file exporter, Tempo and Jaeger downloads, SDK console
/// output.
const Importer &otlpJsonImporter();

} // namespace tailscope::import
