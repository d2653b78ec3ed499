// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/chromeevent.h"

#include "base/text.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace tailscope::import::chrome {

namespace {

/// Up to 15 digits and at most 3 decimals, the form that nearly all files have; false leaves it to the exact
/// parser.
bool parseSimpleMicros(std::string_view token, Nanos &ns)
{
    std::int64_t value = 0;
    std::size_t at = 0;
    while (at < token.size() && token[at] >= '0' && token[at] <= '9')
        value = value * 10 + (token[at++] - '0');
    if (at == 0 || at > 15)
        return false;
    int decimals = 0;
    if (at < token.size() && token[at] == '.') {
        for (++at; at < token.size() && token[at] >= '0' && token[at] <= '9' && decimals < 3; ++decimals)
            value = value * 10 + (token[at++] - '0');
        if (decimals == 0)
            return false;
    }
    for (; decimals < 3; ++decimals)
        value *= 10;
    ns = value;
    return at == token.size();
}

enum class Key : std::uint8_t {
    Other,
    Args,
    BindId,
    BindPoint,
    Category,
    ColorName,
    Duration,
    EndStack,
    EndStackFrame,
    FlowIn,
    FlowOut,
    Id,
    Id2,
    Name,
    Phase,
    Pid,
    Scope,
    InstantScope,
    Stack,
    StackFrame,
    ThreadDuration,
    ThreadTs,
    Tid,
    Ts,
};

Key keyOf(std::string_view key)
{
    switch (key.size()) {
    case 1:
        return key[0] == 's' ? Key::InstantScope : Key::Other;
    case 2:
        return key == "ph" ? Key::Phase
            : key == "ts"  ? Key::Ts
            : key == "id"  ? Key::Id
            : key == "sf"  ? Key::StackFrame
            : key == "bp"  ? Key::BindPoint
                           : Key::Other;
    case 3:
        return key == "pid" ? Key::Pid
            : key == "tid"  ? Key::Tid
            : key == "cat"  ? Key::Category
            : key == "dur"  ? Key::Duration
            : key == "tts"  ? Key::ThreadTs
            : key == "id2"  ? Key::Id2
            : key == "esf"  ? Key::EndStackFrame
                            : Key::Other;
    case 4:
        return key == "name" ? Key::Name
            : key == "args"  ? Key::Args
            : key == "tdur"  ? Key::ThreadDuration
                             : Key::Other;
    case 5:
        return key == "cname" ? Key::ColorName
            : key == "scope"  ? Key::Scope
            : key == "stack"  ? Key::Stack
                              : Key::Other;
    case 6:
        return key == "estack" ? Key::EndStack : Key::Other;
    case 7:
        return key == "bind_id" ? Key::BindId : key == "flow_in" ? Key::FlowIn : Key::Other;
    case 8:
        return key == "flow_out" ? Key::FlowOut : Key::Other;
    default:
        return Key::Other;
    }
}

bool isTrue(const JsonScalar &scalar) { return scalar.text == "true" || scalar.text == "1"; }

/// A time that may be a number or a string; null counts as missing, containers as bad.
simdjson::error_code readTime(ondemand::value &value, EventTime &time)
{
    JsonScalar scalar;
    const auto error = readScalar(value, scalar);
    if (error == simdjson::INCORRECT_TYPE) {
        time.state = EventTime::State::Bad;
        return simdjson::SUCCESS;
    }
    if (error != simdjson::SUCCESS)
        return error;
    time = !scalar.isString && scalar.text == "null" ? EventTime{} : parseMicros(scalar.text);
    return simdjson::SUCCESS;
}

/// A scalar where one is expected; anything else counts as absent.
simdjson::error_code readOptional(ondemand::value &value, JsonScalar &scalar)
{
    const auto error = readScalar(value, scalar);
    if (error == simdjson::INCORRECT_TYPE
        || (error == simdjson::SUCCESS && !scalar.isString && scalar.text == "null")) {
        scalar = {};
        return simdjson::SUCCESS;
    }
    return error;
}

simdjson::error_code readId2(ondemand::value &value, EventId &id)
{
    ondemand::object object;
    if (auto error = value.get_object().get(object))
        return error;
    for (auto item : object) {
        ondemand::field field;
        std::string_view key;
        if (auto error = readField(std::move(item), field, key))
            return error;
        JsonScalar scalar;
        if (auto error = readOptional(field.value(), scalar))
            return error;
        id.scope = key == "local" ? EventId::Scope::Local : EventId::Scope::Global;
        id.value = scalar;
    }
    return simdjson::SUCCESS;
}

simdjson::error_code readArgs(ondemand::value &value, JsonAttributes &attributes)
{
    const char start = valueStart(value);
    if (start == '[')
        return attributes.add("args", value);
    if (start != '{') {
        JsonScalar scalar;
        if (auto error = readScalar(value, scalar))
            return error;
        // null and "" are common for "none".
        if (!scalar.text.empty() && scalar.text != "null")
            attributes.addScalar("args", scalar);
        return simdjson::SUCCESS;
    }
    ondemand::object object;
    if (auto error = value.get_object().get(object))
        return error;
    for (auto item : object) {
        ondemand::field field;
        std::string_view key;
        if (auto error = readField(std::move(item), field, key))
            return error;
        if (auto error = attributes.add(key, field.value()))
            return error;
    }
    return simdjson::SUCCESS;
}

} // namespace

void ChromeEvent::reset(std::string_view recordBytes, std::uint64_t recordOffset)
{
    *this = ChromeEvent{};
    bytes = recordBytes;
    offset = recordOffset;
}

EventTime parseMicros(std::string_view token)
{
    EventTime time;
    token = trimmed(token);
    if (parseSimpleMicros(token, time.ns)) {
        time.state = EventTime::State::Good;
        return time;
    }
    if (const auto ns = parseScaledDecimal(token, kNanosPerMicro)) {
        time.ns = *ns;
        // The lowest value means "unknown" everywhere else.
        time.state = *ns == kUnknownNanos ? EventTime::State::Clamped : EventTime::State::Good;
        time.ns += *ns == kUnknownNanos ? 1 : 0;
        return time;
    }
    const std::string_view digits = !token.empty() && token.front() == '+' ? token.substr(1) : token;
    time.state = isJsonNumber(digits) ? EventTime::State::Clamped : EventTime::State::Bad;
    time.ns
        = digits.starts_with('-') ? std::numeric_limits<Nanos>::min() + 1 : std::numeric_limits<Nanos>::max();
    return time;
}

std::optional<double> parseLenientDouble(std::string_view text)
{
    if (!text.empty() && text.front() == '+')
        text.remove_prefix(1);
    double value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()
        || !std::isfinite(value))
        return std::nullopt;
    return value;
}

simdjson::error_code ChromeEventParser::parse(const JsonFramer::Record &record, ChromeEvent &event,
    JsonAttributes &attributes)
{
    return m_parser.parse(record.bytes, record.hasEscape, [&](ondemand::object &object) {
        event.reset(record.bytes, record.offset);
        attributes.clear();
        return readObject(object, event, attributes);
    });
}

simdjson::error_code ChromeEventParser::readObject(ondemand::object &object, ChromeEvent &event,
    JsonAttributes &attributes)
{
    EventId id2;
    for (auto item : object) {
        ondemand::field field;
        std::string_view key;
        if (auto error = readField(std::move(item), field, key))
            return error;
        event.isEmpty = false;
        ondemand::value &value = field.value();
        const bool isObject = valueStart(value) == '{';
        JsonScalar scalar;
        simdjson::error_code error = simdjson::SUCCESS;
        switch (keyOf(key)) {
        case Key::Args:
            event.argsBegin = attributes.size();
            error = readArgs(value, attributes);
            event.argsEnd = isObject ? attributes.size() : event.argsBegin;
            break;
        case Key::Name:
            error = readOptional(value, scalar);
            event.name = scalar.text;
            break;
        case Key::Category:
            error = readOptional(value, scalar);
            event.category = scalar.text;
            break;
        case Key::Phase:
            error = readOptional(value, scalar);
            // The first letter decides: "XXX" is X, as in Perfetto.
            event.phase = scalar.text.empty() ? '\0' : scalar.text.front();
            break;
        case Key::Ts:
            error = readTime(value, event.ts);
            break;
        case Key::Duration:
            error = readTime(value, event.duration);
            break;
        case Key::ThreadTs:
            error = readTime(value, event.threadTs);
            break;
        case Key::ThreadDuration:
            error = readTime(value, event.threadDuration);
            break;
        case Key::Pid:
            error = readOptional(value, event.pid);
            break;
        case Key::Tid:
            error = readOptional(value, event.tid);
            break;
        case Key::Id:
            error = readOptional(value, event.id.value);
            event.id.scope
                = event.id.value.text.data() != nullptr ? EventId::Scope::Global : EventId::Scope::None;
            break;
        case Key::Id2:
            error = isObject ? readId2(value, id2) : simdjson::SUCCESS;
            break;
        case Key::BindId:
            error = readOptional(value, event.bindId);
            break;
        case Key::FlowIn:
            error = readOptional(value, scalar);
            event.flowIn = isTrue(scalar);
            break;
        case Key::FlowOut:
            error = readOptional(value, scalar);
            event.flowOut = isTrue(scalar);
            break;
        case Key::BindPoint:
            error = readOptional(value, scalar);
            event.bindEnclosing = scalar.text == "e";
            break;
        case Key::InstantScope:
            error = readOptional(value, scalar);
            event.instantScope = scalar.text.empty() ? '\0' : scalar.text.front();
            break;
        case Key::Scope:
            error = readOptional(value, scalar);
            event.scope = scalar.text;
            break;
        case Key::ColorName:
            error = attributes.add("cname", value);
            break;
        case Key::StackFrame:
            error = attributes.add("sf", value);
            event.hasStack = true;
            break;
        case Key::EndStackFrame:
            error = attributes.add("esf", value);
            event.hasStack = true;
            break;
        case Key::Stack:
            error = attributes.add("stack", value);
            event.hasStack = true;
            break;
        case Key::EndStack:
            error = attributes.add("estack", value);
            event.hasStack = true;
            break;
        case Key::Other:
            error = attributes.add(key, value);
            break;
        }
        if (error != simdjson::SUCCESS)
            return error;
    }
    if (id2.scope != EventId::Scope::None) {
        event.bothIds = event.id.scope != EventId::Scope::None;
        event.id = id2;
    }
    return simdjson::SUCCESS;
}

} // namespace tailscope::import::chrome
