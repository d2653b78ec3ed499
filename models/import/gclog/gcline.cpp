// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/gclog/gcline.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::import::gclog {

namespace {

constexpr double kMiB = 1024 * 1024;

/// Takes the text up to a separator and moves behind it.
std::optional<std::string_view> takeUntil(std::string_view &rest, std::string_view separator)
{
    const std::size_t at = rest.find(separator);
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string_view head = rest.substr(0, at);
    rest.remove_prefix(at + separator.size());
    return head;
}

std::optional<Nanos> millis(std::string_view text) { return parseScaledDecimal(trimmed(text), 1'000'000); }

/// "24M", "1536K", "2G", "123B".
std::optional<std::int64_t> heapBytes(std::string_view text)
{
    if (text.size() < 2)
        return std::nullopt;
    const auto number = parseInt64(text.substr(0, text.size() - 1));
    const char unit = text.back();
    const int shift = unit == 'K' ? 10 : unit == 'M' ? 20 : unit == 'G' ? 30 : unit == 'B' ? 0 : -1;
    if (!number || shift < 0 || *number < 0 || *number > (INT64_MAX >> shift))
        return std::nullopt;
    return *number << shift;
}

/// Megabytes with a fraction, as Go and Node write them.
std::optional<std::int64_t> megabytes(std::string_view text)
{
    const std::optional<double> number = parseDouble(trimmed(text));
    if (!number || *number < 0 || *number > 1e9)
        return std::nullopt;
    return std::llround(*number * kMiB);
}

struct Decorations
{
    std::optional<Nanos> utcNs, uptimeNs;
    std::string_view tags;
    std::string_view message;
};

/// The [..] in front of a line of unified logging; which ones there are is the user's choice.
std::optional<Decorations> decorationsOf(std::string_view line)
{
    Decorations found;
    while (line.starts_with('[')) {
        const std::size_t end = line.find(']');
        if (end == std::string_view::npos)
            return std::nullopt;
        const std::string_view text = trimmed(line.substr(1, end - 1));
        line.remove_prefix(end + 1);
        if (const auto time = parseTimestamp(text); time && time->hasZone) {
            found.utcNs = time->ns;
        } else if (text.ends_with("ns")) {
            found.uptimeNs = parseScaledDecimal(text.substr(0, text.size() - 2), 1);
        } else if (text.ends_with("ms")) {
            found.uptimeNs = millis(text.substr(0, text.size() - 2));
        } else if (text.ends_with('s') && !text.empty() && text.front() >= '0' && text.front() <= '9') {
            found.uptimeNs = parseScaledDecimal(text.substr(0, text.size() - 1), 1'000'000'000);
        } else if (text.starts_with("gc") || text.starts_with("safepoint")) {
            found.tags = text;
        }
    }
    found.message = trimmed(line);
    return found.utcNs || found.uptimeNs ? std::optional(found) : std::nullopt;
}

std::string_view kindOfPause(std::string_view name)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kKinds{
        {{"Pause Young", "young"}, {"Pause Full", "full"}, {"Pause Remark", "remark"},
            {"Pause Cleanup", "cleanup"}, {"Pause Initial Mark", "initial mark"},
            {"Pause Mark Start", "mark start"}, {"Pause Mark End", "mark end"},
            {"Pause Relocate Start", "relocate start"}, {"Pause", "pause"}}};
    for (const auto &[prefix, kind] : kKinds) {
        if (name.find(prefix) != std::string_view::npos)
            return kind;
    }
    return {};
}

/// What the collectors run in a safepoint is told by their own lines.
bool isCollection(std::string_view operation)
{
    static constexpr std::array<std::string_view, 9> kNames{"G1", "Parallel", "Gen", "Serial", "CollectFor",
        "ZMark", "ZRelocate", "Shenandoah", "CMS"};
    return operation.starts_with('Z') || operation.starts_with("XMark")
        || std::any_of(kNames.begin(), kNames.end(),
            [&](std::string_view name) { return operation.starts_with(name); });
}

std::optional<Nanos> nanosAfter(std::string_view message, std::string_view name)
{
    std::size_t at = message.find(name);
    if (at == std::string_view::npos)
        return std::nullopt;
    message.remove_prefix(at + name.size());
    return parseScaledDecimal(trimmed(message.substr(0, message.find(" ns"))), 1);
}

/// Safepoint "Cleanup", Time since last: 1 ns, Reaching safepoint: 2 ns, ..., Total: 4 ns
void takeSafepoint(std::string_view message, Nanos endNs, GcLine &line)
{
    std::string_view rest = message;
    if (!takeUntil(rest, "\"") || rest.find('"') == std::string_view::npos)
        return;
    const std::string_view operation = rest.substr(0, rest.find('"'));
    const auto reaching = nanosAfter(rest, "Reaching safepoint: ");
    const auto total = nanosAfter(rest, "Total: ");
    if (!total || *total < 0)
        return;
    Pause pause;
    pause.startNs = saturatingSub(endNs, *total);
    pause.cause = operation;
    if (!isCollection(operation)) {
        pause.kind = "safepoint";
        pause.durationNs = *total;
    } else if (reaching && *reaching > 0) {
        pause.kind = "reaching safepoint";
        pause.durationNs = *reaching;
    } else {
        return;
    }
    line.kind = GcLine::Kind::Pauses;
    line.pauses.push_back(pause);
}

/// What stands in the brackets at the end: "System.gc()" of "Pause Full (System.gc())".
std::string_view lastBrackets(std::string_view text)
{
    if (!text.ends_with(')'))
        return {};
    int depth = 0;
    for (std::size_t i = text.size(); i > 0; --i) {
        depth += text[i - 1] == ')' ? 1 : text[i - 1] == '(' ? -1 : 0;
        if (depth == 0)
            return text.substr(i, text.size() - i - 1);
    }
    return {};
}

/// GC(0) Pause Young (Normal) (G1 Evacuation Pause) 24M->3M(256M) 2.345ms
void takePause(std::string_view message, Nanos endNs, GcLine &line)
{
    const std::size_t at = message.find("Pause");
    const std::string_view kind = kindOfPause(message);
    if (!message.starts_with("GC(") || at == std::string_view::npos || kind.empty()
        || !message.ends_with("ms"))
        return;
    std::string_view rest = message.substr(at);
    const std::size_t blank = rest.rfind(' ');
    if (blank == std::string_view::npos)
        return;
    const auto duration = millis(rest.substr(blank + 1, rest.size() - blank - 3));
    if (!duration || *duration < 0)
        return;
    rest = trimmed(rest.substr(0, blank));
    Pause pause{saturatingSub(endNs, *duration), *duration, kind, {}, {}, {}};
    if (const std::size_t arrow = rest.find("->"); arrow != std::string_view::npos) {
        const std::size_t begin = rest.rfind(' ', arrow) + 1;
        const std::size_t paren = rest.find('(', arrow);
        pause.heapBefore = heapBytes(rest.substr(begin, arrow - begin));
        pause.heapAfter
            = heapBytes(rest.substr(arrow + 2, paren == std::string_view::npos ? paren : paren - arrow - 2));
        rest = trimmed(rest.substr(0, begin));
    }
    // The last of the brackets says why; those before it say what kind of young collection it is.
    pause.cause = lastBrackets(rest);
    line.kind = GcLine::Kind::Pauses;
    line.pauses.push_back(pause);
}

} // namespace

GcLine parseJvmLine(std::string_view line)
{
    GcLine result;
    const std::optional<Decorations> found = decorationsOf(line);
    if (!found || (found->tags.empty() && !found->message.starts_with("GC(")))
        return result;
    result.kind = GcLine::Kind::Other;
    result.isUtc = found->utcNs.has_value();
    const Nanos end = found->utcNs ? *found->utcNs : *found->uptimeNs;
    if (found->message.starts_with("Safepoint \""))
        takeSafepoint(found->message, end, result);
    else
        takePause(found->message, end, result);
    return result;
}

GcLine parseGoLine(std::string_view line)
{
    GcLine result;
    if (!line.starts_with("gc ") || line.find(" ms clock,") == std::string_view::npos)
        return result;
    std::string_view rest = line;
    if (!takeUntil(rest, "@"))
        return result;
    const auto at = takeUntil(rest, "s ");
    if (!at || !takeUntil(rest, ": "))
        return result;
    const auto start = parseScaledDecimal(*at, 1'000'000'000);
    const auto clock = takeUntil(rest, " ms clock,");
    const auto phases = clock ? split(*clock, '+') : std::vector<std::string_view>();
    if (!start || phases.size() != 3)
        return result;
    std::array<Nanos, 3> ns{};
    for (std::size_t i = 0; i < 3; ++i) {
        const auto value = millis(phases[i]);
        if (!value || *value < 0)
            return result;
        ns[i] = *value;
    }
    Pause sweep{*start, ns[0], "sweep termination", {}, {}, {}};
    Pause mark{saturatingAdd(saturatingAdd(*start, ns[0]), ns[1]), ns[2], "mark termination", {}, {}, {}};
    if (line.find("(forced)") != std::string_view::npos)
        sweep.cause = mark.cause = "forced";
    if (takeUntil(rest, " ms cpu, ")) {
        if (const auto heaps = takeUntil(rest, " MB")) {
            const auto sizes = split(*heaps, '>'); // "4-", "4-", "0"
            if (sizes.size() == 3) {
                sweep.heapBefore = megabytes(sizes[0].substr(0, sizes[0].size() - 1));
                mark.heapBefore = megabytes(sizes[1].substr(0, sizes[1].size() - 1));
                mark.heapAfter = megabytes(sizes[2]);
            }
        }
    }
    result.kind = GcLine::Kind::Pauses;
    result.pauses = {sweep, mark};
    return result;
}

GcLine parseNodeLine(std::string_view line)
{
    GcLine result;
    std::string_view rest = line;
    if (!rest.starts_with('['))
        return result;
    rest.remove_prefix(1);
    const auto instance = takeUntil(rest, "]");
    const auto at = takeUntil(rest, " ms: ");
    const auto end = at ? millis(*at) : std::nullopt;
    const std::size_t colon = instance ? instance->find(":0x") : std::string_view::npos;
    if (colon == std::string_view::npos || !end)
        return result;
    result.kind = GcLine::Kind::Other;
    result.instance = *instance;
    const std::size_t digits = rest.find_first_of("0123456789");
    const auto before
        = digits == std::string_view::npos ? std::nullopt : std::optional(rest.substr(0, digits));
    if (!before)
        return result;
    const std::string_view name = trimmed(before->substr(0, before->find('(')));
    rest.remove_prefix(digits);
    const std::size_t arrow = rest.find(" -> ");
    const std::size_t megabyte = rest.find(" MB,");
    if (arrow == std::string_view::npos || megabyte == std::string_view::npos || megabyte < arrow)
        return result;
    Pause pause;
    pause.heapBefore = megabytes(rest.substr(0, rest.find_first_of(" (")));
    const std::string_view after = rest.substr(arrow + 4);
    pause.heapAfter = megabytes(after.substr(0, after.find_first_of(" (")));
    rest.remove_prefix(megabyte + 4);
    if (trimmed(rest).starts_with("pooled:")) {
        if (!takeUntil(rest, " MB,"))
            return result;
    }
    const auto duration = takeUntil(rest, " / ");
    const auto ns = duration ? millis(*duration) : std::nullopt;
    if (!ns || *ns < 0)
        return result;
    pause.durationNs = *ns;
    pause.startNs = saturatingSub(*end, *ns);
    pause.kind = name == "Scavenge" || name == "Minor Mark-Compact" ? "young" : "full";
    if (const std::size_t bracket = rest.rfind(')'); bracket != std::string_view::npos) {
        pause.cause = trimmed(rest.substr(bracket + 1));
        pause.cause = trimmed(pause.cause.substr(0, pause.cause.find(';')));
    }
    result.kind = GcLine::Kind::Pauses;
    result.pauses.push_back(pause);
    return result;
}

} // namespace tailscope::import::gclog
