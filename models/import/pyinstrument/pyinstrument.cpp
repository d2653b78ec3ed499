// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pyinstrument/pyinstrument.h"

#include "base/text.h"
#include "import/common/jsonkeys.h"
#include "import/common/nestedtree.h"

namespace tailscope::import {

namespace {

using Token = JsonPull::Token;

constexpr FormatDescriptor kDescriptor{
    "pyinstrument",
    "pyinstrument session",
    "*.pyisession *.json",
    SourceKind::Profile,
    "Written by pyinstrument: saved sessions (.pyisession) and reports of its JSON renderer.",
};

/// NUL, which parts the identifiers, as JsonPull shows it.
constexpr std::string_view kSeparator = "\u2400";
/// Times are rounded to microseconds: sums of children may exceed by one for each of many.
constexpr double kToleranceNs = 1e5;

std::optional<double> pullSeconds(JsonPull &pull)
{
    const Token token = pull.next();
    if (token == Token::Number || token == Token::String) {
        if (const auto ns = parseScaledDecimal(pull.text(), kNanosPerSecond))
            return static_cast<double>(*ns);
        return std::nullopt;
    }
    pull.skip();
    return std::nullopt;
}

/// "function NUL file NUL line", or a mark in brackets.
void takeIdentifier(std::string_view text, NestedTree::Open &open)
{
    const std::size_t first = text.find(kSeparator);
    open.function = text.substr(0, first);
    open.merge = text == "[self]";
    if (first == std::string_view::npos)
        return;
    text.remove_prefix(first + kSeparator.size());
    const std::size_t second = text.find(kSeparator);
    open.file = text.substr(0, second);
    const std::string_view number
        = second == std::string_view::npos ? std::string_view() : text.substr(second + kSeparator.size());
    if (open.file == "<thread>") {
        // Its number is the thread's, no line.
        open.module = open.file;
        open.file.clear();
    } else {
        open.line = std::max<std::int64_t>(parseInt64(number).value_or(0), 0);
    }
}

bool takeField(std::string_view key, JsonPull &pull, NestedTree::Open &open)
{
    if (key == "identifier") {
        takeIdentifier(pullText(pull), open);
    } else if (key == "time") {
        const std::optional<double> time = pullSeconds(pull);
        open.value = time.value_or(0);
        open.hasValue = time.has_value();
    } else if (key == "function") {
        open.function = pullText(pull);
        open.merge = open.function == "[self]";
    } else if (key == "file_path") {
        open.file = pullText(pull);
    } else if (key == "line_no") {
        open.line = std::max<std::int64_t>(pullInteger(pull).value_or(0), 0);
    } else {
        return false;
    }
    return true;
}

/// What a session says beside its tree.
struct Session
{
    std::string target;
    Nanos start = kUnknownNanos, duration = kUnknownNanos;

    void take(std::string_view key, JsonPull &pull)
    {
        if (key == "start_time" || key == "duration") {
            const bool isStart = key == "start_time";
            const std::optional<double> seconds = pullSeconds(pull);
            if (seconds)
                (isStart ? start : duration) = static_cast<Nanos>(*seconds);
        } else if (key == "target_description" || key == "program") {
            target = pullText(pull);
        } else {
            pull.skip();
        }
    }
};

class PyinstrumentReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        JsonPull pull(source);
        NestedTree tree(NestedTree::Values::Inclusive, {"children"}, takeField);
        tree.setTolerance(kToleranceNs);
        Session session;
        if (pull.next() == Token::ObjectStart) {
            while (pull.next() == Token::Key) {
                const std::string key(pull.text());
                const bool isTree = (key == "frame_tree" || key == "root_frame") && tree.nodes().empty();
                if (!isTree && key != "session") {
                    session.take(key, pull);
                } else if (pull.next() != Token::ObjectStart) {
                    pull.skip();
                } else if (isTree) {
                    tree.read(pull, sink, report);
                } else {
                    while (pull.next() == Token::Key)
                        session.take(std::string(pull.text()), pull);
                }
            }
        }
        const bool found = !tree.nodes().empty();
        if (found)
            emit(tree, session, sink);
        return finishDocument(pull, source, found, "it has neither \"frame_tree\" nor \"root_frame\"",
            "pyinstrument writes a session with --outfile x.pyisession and a report with -r json", report);
    }

private:
    static void emit(const NestedTree &tree, const Session &session, RowSink &sink)
    {
        SourceInfo info;
        info.kind = SourceKind::Profile;
        info.clock = session.start != kUnknownNanos ? ClockKind::Utc : ClockKind::None;
        info.timezone = session.start != kUnknownNanos ? "UTC" : "";
        sink.setSource(info);
        ProfileRow row;
        row.name = session.target.empty() ? std::string_view("pyinstrument") : session.target;
        row.kind = ProfileKind::Wall;
        row.sampleType = "wall";
        row.unit = "ns";
        row.startNs = session.start;
        row.durationNs = session.duration;
        tree.emit(sink, sink.profile(row), 1);
    }
};

class PyinstrumentImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (firstSignificant(prefix) != '{')
            return Confidence::No;
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool session = false, count = false, tree = false, node = false;
        while (scan.next(key)) {
            const bool object = key.valueStart == '{' || key.valueStart == '\0';
            session |= key.depth == 1 && key.name == "session" && object;
            tree |= key.depth == 1 && (key.name == "frame_tree" || key.name == "root_frame") && object;
            count |= key.depth <= 2 && (key.name == "sample_count" || key.name == "cpu_time");
            node |= tree && (key.name == "identifier" || key.name == "file_path_short");
            if (count && ((session && key.name == "target_description") || tree))
                return Confidence::Strong;
            if (node)
                return Confidence::Strong;
        }
        return Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<PyinstrumentReader>();
    }
};

} // namespace

const Importer &pyinstrumentImporter()
{
    static const PyinstrumentImporter importer;
    return importer;
}

} // namespace tailscope::import
