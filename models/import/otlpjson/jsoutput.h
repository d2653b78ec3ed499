// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonframer.h"
#include "import/importreport.h"

#include <functional>
#include <string_view>

namespace tailscope::import::otlp {

/// True for spans as the console exporter of the JavaScript SDK prints them: objects of several lines with
/// unquoted keys.
bool isJsConsoleOutput(std::string_view prefix);

/// Cuts such objects out of the output: the first and the last line of one are not indented. Text between is
/// noted, what does not close is skipped with its place. The bytes of a record live for the call.
void eachJsObject(JsonFramer &framer, ImportReport &report,
    const std::function<void(const JsonFramer::Record &)> &take);

} // namespace tailscope::import::otlp
