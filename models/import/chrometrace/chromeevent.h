// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/common/jsonrecord.h"

#include <cstdint>
#include <string_view>

namespace tailscope::import::chrome {

/// A time of the file: microseconds, number or quoted, with a fraction; exact in ns.
struct EventTime
{
    enum class State : std::uint8_t { Missing, Good, Clamped, Bad } state = State::Missing;
    Nanos ns = 0;

    bool isKnown() const { return state == State::Good || state == State::Clamped; }
};

/// Identity of an async operation or flow, as written.
struct EventId
{
    enum class Scope : std::uint8_t { None, Global, Local } scope = Scope::None; ///< Local: within the process
    JsonScalar value;
};

/// One trace event as the file says it; views live until the next parse.
struct ChromeEvent
{
    std::string_view bytes;
    std::uint64_t offset = 0;

    char phase = '\0'; ///< '\0' = no "ph"
    bool isEmpty = true; ///< "{}": the trailing-comma idiom
    std::string_view name, category;
    EventTime ts, duration, threadTs, threadDuration;
    JsonScalar pid, tid; ///< no text = missing
    EventId id;
    std::string_view scope; ///< id space of async events
    JsonScalar bindId;
    bool flowIn = false, flowOut = false, bindEnclosing = false;
    char instantScope = '\0'; ///< g, p, t
    bool bothIds = false; ///< id and id2: id2 counts
    bool hasStack = false; ///< sf, stack, esf or estack, which are attributes
    std::size_t argsBegin = 0, argsEnd = 0; ///< the members of `args` among the attributes

    void reset(std::string_view recordBytes, std::uint64_t recordOffset);
};

/// Microseconds of the token (number or string content) in ns.
EventTime parseMicros(std::string_view token);

/// Number as Perfetto and the trace viewer take it from a counter's argument: also ".75", "246.", "+10.5".
std::optional<double> parseLenientDouble(std::string_view text);

/// Reads the framed record of one event into `event`, its arguments (and what else has no column: cname, sf,
/// stack, thread clock) into `attributes`.
class ChromeEventParser
{
public:
    simdjson::error_code parse(const JsonFramer::Record &record, ChromeEvent &event,
        JsonAttributes &attributes);
    bool repaired() const { return m_parser.repaired(); }

private:
    static simdjson::error_code readObject(ondemand::object &object, ChromeEvent &event,
        JsonAttributes &attributes);

    JsonRecordParser m_parser;
};

} // namespace tailscope::import::chrome
