// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/chrometrace/chromeevent.h"
#include "store/rowsink.h"

#include <string>

namespace tailscope::import::chrome {

/// Identity of a flow of s, t, f events: category, name and id (a string is read as base 16, so "1f", "0x1F"
/// and 31 are one id; other texts stay as they are). Local ids count within their process.
void appendFlowKey(std::string &key, const ChromeEvent &event, std::uint32_t process);

/// Identity of a flow of version 2: bind_id alone.
void appendBindKey(std::string &key, const JsonScalar &bindId);

/// Ends of a version 2 flow on a slice: none, or start, finish, or step when both.
inline bool isFlowEnd(bool flowIn, bool flowOut) { return flowIn || flowOut; }
inline FlowRow::Phase flowPhase(bool flowIn, bool flowOut)
{
    if (flowIn && flowOut)
        return FlowRow::Phase::Step;
    return flowOut ? FlowRow::Phase::Start : FlowRow::Phase::Finish;
}

} // namespace tailscope::import::chrome
