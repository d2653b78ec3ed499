// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "import/common/jsonframer.h"
#include "import/importreport.h"
#include "store/rowsink.h"

#include <string>
#include <string_view>

namespace tailscope::import::otlp {

/// True for what the console exporters of the OpenTelemetry SDKs print, which is not OTLP: one object a span,
/// of Go ({"Name":..., "SpanContext":{...}}), Python ({"name":..., "context":{"trace_id":"0x..."}}) or
/// JavaScript (what console.dir prints of an object, which is not JSON).
bool isConsoleOutput(std::string_view prefix);

/// Reads such objects, one after the other, in an array, or pretty-printed.
Result<void> readConsoleOutput(JsonFramer &framer, const std::string &name, RowSink &sink,
    ImportReport &report);

} // namespace tailscope::import::otlp
