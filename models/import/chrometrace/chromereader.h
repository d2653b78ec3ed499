// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/chrometrace/chromerows.h"
#include "import/common/jsonframer.h"
#include "import/importer.h"

namespace tailscope::import::chrome {

/// An HTML page with a trace inside, as Android's systrace and catapult's trace2html write it.
bool isSystracePage(std::string_view prefix);

/// Walks the container: an array of events, or an object with traceEvents (anywhere), samples, stackFrames
/// and others; closed or cut off; several one after the other. Each event is framed and read on its own, at
/// most JsonFramer::kDefaultMaxRecord bytes; what cannot be read is told with its place, and reading goes on
/// behind it.
class ChromeReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    enum class End { Closed, InputEnded };
    struct State;

    static End readEvents(State &state, bool inObject);
    static void readEvent(State &state);
    static void recover(State &state, const JsonFramer::Record &record);
    static End readObject(State &state);
    static End readStackFrames(State &state);
    static End readSamples(State &state);
    static End skipOther(State &state, std::string_view key);
    static void noteTruncated(State &state, std::string_view where);
    static bool takeKey(State &state, std::string &key);
};

} // namespace tailscope::import::chrome
