// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commands/recordingsides.h"

#include "app/importarguments.h"
#include "base/text.h"

#include <QFileInfo>

#include <algorithm>

namespace tailscope::app {

namespace {

using analysis::RecordingItem;
using analysis::RecordingSide;
using Recordings = std::vector<RecordingItem>;

std::string hintOf(const Recordings &recordings)
{
    std::string out = "Known:";
    for (const RecordingItem &one : recordings)
        out += (&one == &recordings.front() ? " " : ", ") + std::to_string(one.source) + " \"" + one.name
            + "\" " + utcTimestamp(one.range.begin) + ".." + utcTimestamp(one.range.end);
    return out;
}

tl::unexpected<Error> mistake(const QString &option, const QString &words, const char *what,
    const Recordings &recordings)
{
    return fail(ErrorCode::Usage, (option + QStringLiteral(" '") + words + QLatin1Char('\'')).toStdString(),
        what, hintOf(recordings));
}

bool meets(const TimeRange &a, const TimeRange &b) { return a.begin < b.end && b.begin < a.end; }

/// Sources that a word names: by number, else by name or file name.
std::vector<std::int64_t> named(const QString &word, const Recordings &recordings)
{
    bool isNumber = false;
    const qint64 id = word.toLongLong(&isNumber);
    std::vector<std::int64_t> out;
    for (const RecordingItem &one : recordings) {
        if (isNumber && one.source == id)
            return {id};
        const QString name = QString::fromStdString(one.name);
        if (name == word || QFileInfo(name).fileName() == word)
            out.push_back(one.source);
    }
    return out;
}

/// A recording without a range. nullopt: none is named so.
Result<std::optional<std::int64_t>> readSource(const QString &option, const QString &words,
    const QString &word, const Recordings &recordings)
{
    const std::vector<std::int64_t> found = named(word, recordings);
    if (found.size() > 1)
        return mistake(option, words, "is the name of several recordings; take the number", recordings);
    if (found.size() == 1)
        return found.front();
    return word == QLatin1String("all") ? std::optional<std::int64_t>(0) : std::nullopt;
}

/// A range belongs to the only recording it meets; where several do (one server's result sets are several
/// files), to all.
Result<RecordingSide> sideOf(const QString &option, const QString &words, const TimeRange &range,
    const Recordings &recordings, std::optional<std::int64_t> source)
{
    std::vector<std::int64_t> met;
    for (const RecordingItem &one : recordings) {
        if (meets(one.range, range) && (source.value_or(0) == 0 || *source == one.source))
            met.push_back(one.source);
    }
    if (met.empty())
        return mistake(option, words, "lies in no recording", recordings);
    return RecordingSide{source ? *source : met.size() == 1 ? met.front() : 0, range};
}

/// The recording that is `step` after the one of a side; nullptr: there is none.
const RecordingItem *neighbour(const RecordingSide &side, const Recordings &recordings, std::ptrdiff_t step)
{
    const auto found = std::find_if(recordings.begin(), recordings.end(),
        [&](const RecordingItem &one) { return one.source == side.source; });
    if (found == recordings.end())
        return nullptr;
    const auto place = (found - recordings.begin()) + step;
    return place >= 0 && place < std::ssize(recordings) ? &recordings[std::size_t(place)] : nullptr;
}

} // namespace

Result<RecordingSide> readSide(const QString &option, const QString &words, const Recordings &recordings)
{
    const auto whole = readSource(option, words, words, recordings);
    if (!whole)
        return tl::unexpected(whole.error());
    if (*whole)
        return RecordingSide{**whole, {}};
    if (const auto range = parseTimeRange(words))
        return sideOf(option, words, *range, recordings, std::nullopt);
    if (const auto at = words.lastIndexOf(QLatin1Char('@')); at > 0) {
        const auto range = parseTimeRange(words.mid(at + 1));
        const auto source = readSource(option, words, words.left(at), recordings);
        if (!source)
            return tl::unexpected(source.error());
        if (range && *source)
            return sideOf(option, words, *range, recordings, *source);
    }
    return mistake(option, words,
        "is neither a recording nor BEGIN..END (nanoseconds or UTC times, END after BEGIN)", recordings);
}

Result<RecordingSides> readSides(const QString &a, const QString &b, const Recordings &recordings)
{
    RecordingSides out;
    if (a.isEmpty() && b.isEmpty())
        return out;
    out.isChosen = true;
    for (const bool isFirst : {true, false}) {
        const QString &words = isFirst ? a : b;
        if (words.isEmpty())
            continue;
        const auto side
            = readSide(isFirst ? QStringLiteral("--a") : QStringLiteral("--b"), words, recordings);
        if (!side)
            return tl::unexpected(side.error());
        (isFirst ? out.first : out.second) = *side;
    }
    if (a.isEmpty() || b.isEmpty()) {
        const RecordingItem *other
            = b.isEmpty() ? neighbour(out.first, recordings, 1) : neighbour(out.second, recordings, -1);
        if (!other)
            return fail(ErrorCode::Usage, b.isEmpty() ? "--b" : "--a",
                b.isEmpty() ? "is missing: no recording comes after A"
                            : "is missing: no recording comes before B",
                hintOf(recordings));
        (b.isEmpty() ? out.second : out.first) = {other->source, {}};
    }
    if (out.first.source == out.second.source && out.first.range == out.second.range)
        return fail(ErrorCode::Usage, "--a, --b", "both sides are the same", hintOf(recordings));
    return out;
}

} // namespace tailscope::app
