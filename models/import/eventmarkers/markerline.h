// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tailscope::import {

/// The fields of one marker as the line writes them; numbers keep their digits, nested values become JSON
/// text.
struct MarkerLine
{
    std::string ts, end, kind, service, note, title, detail;
    bool detailIsJson = false; ///< an object or a list
    bool hasTs = false, hasKind = false;
    bool hasPhase = false; ///< a top-level "ph": this is a trace event, not a marker

    void clear();
};

/// Parses one JSON object. On failure `reason` and the offset in the text tell why. A text that ends early
/// (cut) still fills what came before.
bool parseMarkerLine(std::string_view text, MarkerLine &marker, std::string &reason, std::size_t &offset);

} // namespace tailscope::import
