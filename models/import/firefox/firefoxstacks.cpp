// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/firefox/firefoxstacks.h"

#include "base/text.h"
#include "import/common/nestedtree.h"

#include <algorithm>
#include <charconv>

namespace tailscope::import::firefox {

namespace {

using Token = JsonPull::Token;

constexpr std::size_t kMaxLibraries = 100'000;

std::string hexText(std::uint64_t value)
{
    char digits[16];
    const auto end = std::to_chars(std::begin(digits), std::end(digits), value, 16).ptr;
    return "0x" + std::string(std::begin(digits), end);
}

bool isAddress(std::string_view text)
{
    return text.starts_with("0x") && parseHex64(text.substr(2)).has_value();
}

/// Takes ":123" off the end.
std::optional<std::int64_t> takeNumber(std::string_view &text)
{
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    const std::optional<std::int64_t> number = parseInt64(text.substr(colon + 1));
    if (!number || *number < 0)
        return std::nullopt;
    text = text.substr(0, colon);
    return number;
}

void readLibraries(JsonPull &pull, std::vector<Library> &libraries)
{
    if (pull.next() != Token::ArrayStart)
        return pull.skip();
    for (;;) {
        const Token token = pull.next();
        if (token == Token::ArrayEnd || token == Token::End)
            return;
        Library library;
        if (token == Token::ObjectStart) {
            while (pull.next() == Token::Key) {
                const std::string_view key = pull.text();
                if (key == "name")
                    library.name = pullText(pull);
                else if (key == "start")
                    library.start = static_cast<std::uint64_t>(pullInteger(pull).value_or(0));
                else if (key == "end")
                    library.end = static_cast<std::uint64_t>(pullInteger(pull).value_or(0));
                else
                    pull.skip();
            }
        } else {
            pull.skip();
        }
        if (libraries.size() < kMaxLibraries)
            libraries.push_back(std::move(library));
    }
}

} // namespace

std::size_t Tables::cells() const
{
    return stacks.cells() + frames.cells() + funcs.cells() + resources.cells() + symbols.cells()
        + sources.cells();
}

bool Tables::read(std::string_view key, JsonPull &pull, Budget &budget, ImportReport &report)
{
    Table *table = key == "stackTable" ? &stacks
        : key == "frameTable"          ? &frames
        : key == "funcTable"           ? &funcs
        : key == "resourceTable"       ? &resources
        : key == "nativeSymbols"       ? &symbols
        : key == "sources"             ? &sources
                                       : nullptr;
    if (table != nullptr)
        table->read(pull, budget, nullptr, report);
    else if (key == "stringTable" || key == "stringArray")
        strings.read(pull, budget, report);
    else if (key == "libs")
        readLibraries(pull, libraries);
    else
        return false;
    return true;
}

TableView TableView::of(const Tables &own, const Tables &shared, const std::vector<Library> &libraries)
{
    const auto pick = [](const Table &mine, const Table &all) { return mine.isPresent() ? &mine : &all; };
    return {pick(own.stacks, shared.stacks), pick(own.frames, shared.frames), pick(own.funcs, shared.funcs),
        pick(own.resources, shared.resources), pick(own.symbols, shared.symbols),
        pick(own.sources, shared.sources), own.strings.isPresent() ? &own.strings : &shared.strings,
        own.libraries.empty() ? &libraries : &own.libraries};
}

/// Newer files write how far back the prefix lies; 0 is none.
std::optional<std::size_t> Stacks::prefix(std::size_t stack) const
{
    if (const std::vector<Cell> *column = m_view.stacks->column("prefix"))
        return indexAt(column, stack);
    const std::optional<std::size_t> back = indexAt(m_view.stacks->column("prefixOffset"), stack);
    return back && *back > 0 && *back <= stack ? std::optional(stack - *back) : std::nullopt;
}

std::string_view Stacks::text(const Table *table, std::string_view column, std::size_t row) const
{
    const std::optional<std::size_t> index = indexAt(table->column(column), row);
    return index ? m_view.strings->at(static_cast<std::int64_t>(*index)) : std::string_view();
}

/// "name (file:line:column)", an address, or a label.
FrameRef Stacks::locatedFrame(std::string_view location)
{
    FrameRow row;
    row.function = location;
    if (isAddress(location)) {
        const std::uint64_t address = parseHex64(location.substr(2)).value_or(0);
        const auto library = std::find_if(m_view.libraries->begin(), m_view.libraries->end(),
            [&](const Library &one) { return address >= one.start && address < one.end; });
        if (library == m_view.libraries->end())
            return m_sink.frame(row);
        const std::string name = library->name + '+' + hexText(address - library->start);
        row.function = name;
        row.module = library->name;
        return m_sink.frame(row);
    }
    const std::size_t open = location.rfind(" (");
    if (open == std::string_view::npos || open == 0 || !location.ends_with(')'))
        return m_sink.frame(row);
    std::string_view place = location.substr(open + 2, location.size() - open - 3);
    std::optional<std::int64_t> number = takeNumber(place);
    if (!number)
        return m_sink.frame(row);
    if (const std::optional<std::int64_t> line = takeNumber(place))
        number = line; // the one taken before was the column
    // "loader -> script": the script is the last.
    if (const std::size_t arrow = place.rfind(" -> "); arrow != std::string_view::npos)
        place = place.substr(arrow + 4);
    row.function = location.substr(0, open);
    row.file = place;
    row.line = *number;
    return m_sink.frame(row);
}

/// By the tables of functions; the line is that of the function, so that its calls stay one node.
FrameRef Stacks::functionFrame(std::size_t index)
{
    FrameRow row;
    const std::optional<std::size_t> func = indexAt(m_view.frames->column("func"), index);
    if (!func) {
        row.function = "(unknown frame)";
        return m_sink.frame(row);
    }
    row.function = text(m_view.funcs, "name", *func);
    if (const auto resource = indexAt(m_view.funcs->column("resource"), *func)) {
        row.module = text(m_view.resources, "name", *resource);
        const auto library = indexAt(m_view.resources->column("lib"), *resource);
        if (row.module.empty() && library && *library < m_view.libraries->size())
            row.module = (*m_view.libraries)[*library].name;
    }
    row.file = text(m_view.funcs, "fileName", *func);
    if (const auto source = indexAt(m_view.funcs->column("source"), *func); source && row.file.empty())
        row.file = text(m_view.sources, "filename", *source);
    const auto line = indexAt(m_view.funcs->column("lineNumber"), *func);
    row.line = line ? static_cast<std::int64_t>(*line) : 0;
    if (row.function.empty() || isAddress(row.function)) {
        const auto symbol = indexAt(m_view.frames->column("nativeSymbol"), index);
        if (const std::string_view name = symbol ? text(m_view.symbols, "name", *symbol) : std::string_view();
            !name.empty())
            row.function = name;
    }
    std::string named;
    if (isAddress(row.function) && !row.module.empty()) {
        named = std::string(row.module) + '+' + std::string(row.function);
        row.function = named;
    } else if (row.function.empty()) {
        row.function = "(anonymous)";
    }
    return m_sink.frame(row);
}

FrameRef Stacks::frame(std::size_t index)
{
    if (index < m_frames.size() && m_frames[index] != FrameRef::None)
        return m_frames[index];
    FrameRef ref = FrameRef::None;
    if (index >= m_view.frames->rows()) {
        m_report.note(IssueSeverity::DataLoss, "unknown-frame", 0,
            "a stack names a frame that the file does not have");
        FrameRow row;
        row.function = "(unknown frame)";
        return m_sink.frame(row);
    }
    if (m_view.frames->column("location") != nullptr) {
        const std::string_view location = text(m_view.frames, "location", index);
        ref = locatedFrame(location.empty() ? std::string_view("(unnamed)") : location);
    } else {
        ref = functionFrame(index);
    }
    if (m_frames.size() <= index)
        m_frames.resize(m_view.frames->rows(), FrameRef::None);
    return m_frames[index] = ref;
}

CallNodeRef Stacks::node(ProfileRef profile, std::size_t stack)
{
    const std::size_t rows = m_view.stacks->rows();
    if (stack >= rows)
        return CallNodeRef::None;
    std::vector<CallNodeRef> &nodes = m_nodes[profile];
    nodes.resize(rows, CallNodeRef::None);
    m_path.clear();
    CallNodeRef parent = CallNodeRef::None;
    for (std::optional<std::size_t> at = stack; at && *at < rows; at = prefix(*at)) {
        if (nodes[*at] != CallNodeRef::None) {
            parent = nodes[*at];
            break;
        }
        if (m_path.size() >= kMaxDepth) {
            m_report.note(IssueSeverity::DataLoss, "stack-too-deep", 0,
                "stacks of more than 10,000 frames, or that call themselves, were cut off");
            break;
        }
        m_path.push_back(*at);
    }
    for (auto at = m_path.rbegin(); at != m_path.rend(); ++at) {
        const auto index = indexAt(m_view.stacks->column("frame"), *at);
        parent = m_sink.callNode(profile, parent, frame(index.value_or(m_view.frames->rows())));
        nodes[*at] = parent;
    }
    return parent;
}

std::optional<std::size_t> Stacks::category(std::size_t stack) const
{
    std::optional<std::size_t> at = stack;
    for (std::size_t depth = 0; at && depth < 64; ++depth, at = prefix(*at)) {
        if (const auto own = indexAt(m_view.stacks->column("category"), *at))
            return own;
        const auto index = indexAt(m_view.stacks->column("frame"), *at);
        if (const auto own = index ? indexAt(m_view.frames->column("category"), *index) : std::nullopt)
            return own;
    }
    return std::nullopt;
}

} // namespace tailscope::import::firefox
