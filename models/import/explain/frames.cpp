// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/frames.h"

#include "base/text.h"
#include "import/explain/framemarks.h"

#include <algorithm>

namespace tailscope::import::explain {

namespace {

constexpr std::string_view kHeader = "QUERY PLAN";
constexpr std::string_view kNoBreakSpace = "\u00A0";
constexpr std::size_t kSampledLines = 4000;

/// What the lines have in common; found by looking at the first kSampledLines.
struct Style
{
    enum class Border { None, Right, Both } border = Border::None;
    enum class Quote { None, Each, Trailing, Csv } quote = Quote::None;
    char quoteMark = '"';
    bool expanded = false, asciidoc = false, troff = false, mail = false, tabs = false, noBreakSpaces = false,
         arrows = false;
    bool oldAsciiWrap = false; ///< wrapped lines are full and end in one blank
    bool leadingPad = false; ///< rows begin with a blank that psql puts there
    std::size_t ruleWidth = 0;
};

std::string_view withoutBars(std::string_view line)
{
    line = trimmed(line);
    line.remove_prefix(leadingBar(line));
    line.remove_suffix(trailingBar(line));
    return trimmed(line);
}

bool isHeader(std::string_view line)
{
    line = withoutBars(line);
    if (line.starts_with("^l|"))
        line.remove_prefix(3);
    if (line.starts_with("\\fI") && line.ends_with("\\fP"))
        line = line.substr(3, line.size() - 6);
    if (line.size() > 2 && (line.front() == '"' || line.front() == '\'') && line.front() == line.back())
        line = line.substr(1, line.size() - 2);
    return line == kHeader;
}

bool hasBothBars(std::string_view line)
{
    line = withoutTrailing(line, " \t\r");
    const std::size_t lead = leadingBar(line);
    return lead > 0 && line.size() > lead + 1 && trailingBar(line) > 0;
}

/// Lines that carry the plan: neither blank, rule, header nor footer.
std::vector<std::string_view> sampleOf(const std::vector<std::string_view> &lines, Style &style)
{
    std::vector<std::string_view> sample;
    for (std::size_t i = 0; i < std::min(lines.size(), kSampledLines); ++i) {
        const std::string_view line = lines[i];
        if (trimmed(line).empty() || isFooter(line))
            continue;
        if (isHeader(line)) {
            const std::string_view end = withoutTrailing(line, " \t");
            if (hasBothBars(line))
                style.border = Style::Border::Both;
            else if (trailingBar(end) > 0 && !end.starts_with('^'))
                style.border = Style::Border::Right;
            continue;
        }
        if (isRecordMark(line)) {
            style.expanded = true;
        } else if (isRule(line)) {
            style.asciidoc = style.asciidoc || trimmed(line) == "|====";
            if (style.ruleWidth == 0)
                style.ruleWidth = displayWidth(line);
        } else {
            style.troff = style.troff || line == ".TS";
            sample.push_back(line);
        }
    }
    return sample;
}

void findQuotes(const std::vector<std::string_view> &sample, bool csvHeader, Style &style)
{
    for (const char mark : {'"', '\''}) {
        std::size_t each = 0;
        std::size_t trailing = 0;
        for (std::string_view line : sample) {
            line = withoutTrailing(line, " \t\r");
            const bool ends = line.size() > 1 && line.back() == mark;
            each += ends && line.front() == mark;
            trailing += ends && std::count(line.begin(), line.end(), mark) % 2 == 1;
        }
        if (each * 10 >= sample.size() * 8 && each > 0) {
            style.quote = Style::Quote::Each;
            style.quoteMark = mark;
            return;
        }
        if (mark == '"' && sample.size() > 1 && trailing * 10 >= sample.size() * 9) {
            style.quote = Style::Quote::Trailing;
            return;
        }
    }
    const bool someQuoted = std::any_of(sample.begin(), sample.end(),
        [](std::string_view line) { return line.starts_with('"'); });
    if (csvHeader && someQuoted)
        style.quote = Style::Quote::Csv;
}

Style findStyle(std::string_view raw, const std::vector<std::string_view> &lines, FrameContent content)
{
    Style style;
    const std::vector<std::string_view> sample = sampleOf(lines, style);
    std::size_t both = 0, mail = 0, padded = 0, full = 0, blank = 0;
    for (const std::string_view line : sample) {
        both += hasBothBars(line);
        mail += line.starts_with('>');
        blank += line.starts_with(' ');
        style.tabs = style.tabs || line.find('\t') != std::string_view::npos;
        style.noBreakSpaces = style.noBreakSpaces || trimmed(line).starts_with(kNoBreakSpace);
        if (style.ruleWidth > 0 && line.ends_with(' ') && displayWidth(line) == style.ruleWidth) {
            ++full;
            padded += line.ends_with("   ");
        }
    }
    if (style.border == Style::Border::None && both * 10 >= sample.size() * 8 && both > 0)
        style.border = Style::Border::Both;
    if (style.asciidoc)
        style.border = Style::Border::None;
    style.mail = mail * 10 >= sample.size() * 9 && mail > 0;
    style.leadingPad = blank * 10 >= sample.size() * 9;
    style.oldAsciiWrap = full > 0 && padded == 0 && style.border == Style::Border::None;
    style.arrows = raw.find("\u2192") != std::string_view::npos;
    const bool csvHeader = !lines.empty() && isHeader(lines.front()) && !lines.front().starts_with(' ');
    if (content == FrameContent::Text)
        findQuotes(sample, csvHeader, style);
    return style;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to)
{
    std::string out;
    std::size_t at = 0;
    while (true) {
        const std::size_t next = text.find(from, at);
        out += text.substr(at, next - at);
        if (next == std::string_view::npos)
            return out;
        out += to;
        at = next + from.size();
    }
}

class Unframer
{
public:
    Unframer(UnframedText &out, FrameContent content, const Style &style)
        : m_out(out)
        , m_content(content)
        , m_style(style)
    {}

    void add(std::string_view line, std::uint32_t source);
    void finish() { flush(); }

private:
    std::string_view stripped(std::string_view line, bool &continues);
    std::string_view withoutQuotes(std::string_view line, bool &continues);
    bool wrapsBorderless(std::string_view line) const;
    bool wrapsInto(std::string_view line, std::string_view next) const;
    void flush();

    UnframedText &m_out;
    FrameContent m_content;
    const Style &m_style;
    FrameLine m_pending; ///< waits for what wrapped next lines add
    std::string m_joined; ///< text of m_pending once lines were added
    std::size_t m_pendingWidth = 0;
    bool m_hasPending = false;
    bool m_isJoined = false;
    bool m_inCsvField = false;
};

std::string_view Unframer::withoutQuotes(std::string_view line, bool &continues)
{
    const char mark = m_style.quoteMark;
    if (m_style.quote == Style::Quote::Csv) {
        if (!m_inCsvField && !line.starts_with('"'))
            return line;
        std::string field;
        std::size_t i = m_inCsvField ? 0 : 1;
        m_inCsvField = true;
        for (; i < line.size(); ++i) {
            if (line[i] != '"') {
                field += line[i];
            } else if (i + 1 < line.size() && line[i + 1] == '"') {
                field += '"';
                ++i;
            } else {
                m_inCsvField = false;
                break;
            }
        }
        continues = m_inCsvField;
        return m_out.arena.keep(field);
    }
    line = withoutTrailing(line, " \t");
    if (m_style.quote == Style::Quote::Trailing)
        return line.ends_with('"') ? line.substr(0, line.size() - 1) : line;
    if (line.size() < 2 || line.front() != mark || line.back() != mark)
        return line;
    line = line.substr(1, line.size() - 2);
    if (mark != '"')
        return line;
    // Some clients double the quotes inside, some do not.
    const std::string once = replaced(line, "\"\"", "");
    return once.find('"') == std::string::npos && once.size() != line.size()
        ? m_out.arena.keep(replaced(line, "\"\"", "\""))
        : line;
}

std::string_view Unframer::stripped(std::string_view line, bool &continues)
{
    if (m_style.mail && line.starts_with('>'))
        line.remove_prefix(line.starts_with("> ") ? 2 : 1);
    if (m_style.noBreakSpaces && line.find(kNoBreakSpace) != std::string_view::npos)
        line = m_out.arena.keep(replaced(line, kNoBreakSpace, " "));
    if (m_style.arrows && line.find("\u2192") != std::string_view::npos) {
        const std::string_view rest = trimmed(line);
        // Only the arrow before a node, never one inside a literal.
        if (rest.starts_with("\u2192"))
            line = m_out.arena.keep(
                std::string(line.substr(0, line.find("\u2192"))) + "->" + std::string(rest.substr(3)));
    }
    if (m_style.tabs) {
        line = withoutTrailing(line, "\t");
        const std::size_t text = line.find_first_not_of(" \t");
        if (text != std::string_view::npos && line.substr(0, text).find('\t') != std::string_view::npos)
            line = m_out.arena.keep(
                replaced(line.substr(0, text), "\t", "    ") + std::string(line.substr(text)));
    }
    if (m_style.expanded) {
        line = withoutExpandedLabel(line);
    } else if (m_style.asciidoc) {
        if (line.starts_with('|') && !isRule(line))
            line.remove_prefix(1);
        if (line.find("\\|") != std::string_view::npos)
            line = m_out.arena.keep(replaced(line, "\\|", "|"));
    } else if (m_style.border == Style::Border::Both && hasBothBars(line)) {
        line = withoutTrailing(line, " ");
        line = line.substr(leadingBar(line), line.size() - leadingBar(line) - trailingBar(line));
        // The column of marks, blank in old-ascii even where a value goes on.
        if (m_content == FrameContent::Text && line.ends_with(' '))
            line.remove_suffix(1);
    } else if (m_style.border == Style::Border::Right) {
        const std::string_view end = withoutTrailing(line, " ");
        line = end.substr(0, end.size() - trailingBar(end));
    }
    if (m_style.quote != Style::Quote::None)
        line = withoutQuotes(line, continues);
    if (const std::size_t mark = trailingNewlineMark(line)) {
        const std::size_t width = displayWidth(line);
        const bool atEdge = mark > 1 || m_content == FrameContent::Json
            || m_style.border == Style::Border::Both || m_style.expanded
            || (m_style.ruleWidth > 0 && (width == m_style.ruleWidth || width == m_style.ruleWidth + 1));
        if (atEdge) {
            line = withoutTrailing(line.substr(0, line.size() - mark), " ");
            continues = true;
        }
    }
    return line;
}

/// Without a border psql 15 marks the end of a wrapped line only, one column behind the rule.
bool Unframer::wrapsBorderless(std::string_view line) const
{
    const bool blank = m_content == FrameContent::Text && line.ends_with(' ');
    return m_style.border == Style::Border::None && m_style.ruleWidth > 0
        && m_pendingWidth == m_style.ruleWidth + 1 && (blank || trailingWrapMark(line) > 0);
}

bool Unframer::wrapsInto(std::string_view line, std::string_view next) const
{
    const std::size_t tail = trailingWrapMark(line);
    if (wrapsBorderless(line))
        return true;
    if (tail > 0 && leadingWrapMark(next) == tail) {
        // A plan line may end in a full stop; a wrapped one also fills the frame.
        return tail > 1 || m_style.border == Style::Border::Both
            || (m_style.ruleWidth > 0 && m_pendingWidth == m_style.ruleWidth);
    }
    return m_content == FrameContent::Text && m_style.oldAsciiWrap && m_pendingWidth == m_style.ruleWidth
        && line.ends_with(' ') && next.starts_with(' ');
}

void Unframer::add(std::string_view line, std::uint32_t source)
{
    if (isHeader(line)) {
        flush();
        m_out.lines.push_back({kHeader, source, false, true});
        return;
    }
    if (m_style.expanded && isRecordMark(line))
        return;
    bool continues = false;
    std::string_view text = isRule(line) ? line : stripped(line, continues);
    const std::string_view before = m_isJoined ? std::string_view(m_joined) : m_pending.text;
    if (m_hasPending && wrapsInto(before, text)) {
        const std::size_t tail = std::max<std::size_t>(trailingWrapMark(before), 1);
        const std::size_t lead
            = wrapsBorderless(before) ? 0 : std::max<std::size_t>(leadingWrapMark(text), 1);
        if (!m_isJoined)
            m_joined = m_pending.text;
        m_isJoined = true;
        m_joined.resize(m_joined.size() - tail);
        m_joined += text.substr(lead);
        m_pending.continues = continues;
    } else {
        const bool afterNewline = m_hasPending && m_pending.continues;
        flush();
        // psql pads every line of a value, not only its first.
        const bool padded = m_content == FrameContent::Text && afterNewline && text.starts_with(' ')
            && (m_style.leadingPad || m_style.border == Style::Border::Both);
        if (padded)
            text.remove_prefix(1);
        m_pending = {text, source, continues, false};
        m_hasPending = true;
    }
    m_pendingWidth = displayWidth(line);
}

void Unframer::flush()
{
    if (m_isJoined)
        m_pending.text = m_out.arena.keep(m_joined);
    if (m_hasPending)
        m_out.lines.push_back(m_pending);
    m_hasPending = m_isJoined = false;
}

} // namespace

std::string_view UnframedText::rawText(std::uint32_t first, std::uint32_t last) const
{
    if (first >= rawLines.size())
        return {};
    const std::size_t begin = rawLines[first];
    const std::size_t end = last + 1 < rawLines.size() ? rawLines[last + 1] : raw.size();
    return raw.substr(begin, end > begin ? end - begin : 0);
}

std::string UnframedText::joined() const
{
    std::string text;
    text.reserve(raw.size() + 1);
    std::uint32_t line = 0;
    for (const FrameLine &frameLine : lines) {
        for (; line < frameLine.source; ++line)
            text += '\n';
        text += frameLine.text;
    }
    return text;
}

UnframedText unframe(std::string_view raw, FrameContent content)
{
    UnframedText out;
    out.raw = raw;
    std::vector<std::string_view> lines;
    for (std::size_t at = 0; at < raw.size();) {
        if (lines.size() >= kMaxLines) {
            out.tooManyLines = true;
            break;
        }
        const std::size_t end = std::min(raw.find('\n', at), raw.size());
        out.rawLines.push_back(static_cast<std::uint32_t>(at));
        lines.push_back(withoutTrailing(raw.substr(at, end - at), "\r"));
        at = end + 1;
    }
    if (isHtmlTable(raw.substr(0, 64 * 1024)) && raw.find(kHeader) != std::string_view::npos) {
        bool expanded = false;
        for (const HtmlLine &cell : htmlCells(raw, kMaxLines)) {
            // psql's expanded form: "Record 1", and the name of the column in front of every row.
            if (!cell.header && cell.text.starts_with("Record ")
                && parseUint64(std::string_view(cell.text).substr(7))) {
                expanded = true;
                continue;
            }
            if (expanded && cell.header && !out.lines.empty())
                continue;
            for (const std::string_view part : split(out.arena.keep(cell.text), '\n')) {
                const bool header = cell.header && trimmed(part) == kHeader;
                out.lines.push_back(
                    {withoutTrailing(part, "\r"), static_cast<std::uint32_t>(cell.line), false, header});
            }
        }
        return out;
    }
    const Style style = findStyle(raw, lines, content);
    out.padded = content == FrameContent::Text && style.ruleWidth > 0 && !style.asciidoc && !style.expanded
        && (style.leadingPad || style.border == Style::Border::Both);
    Unframer unframer(out, content, style);
    out.lines.reserve(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (style.troff && lines[i].size() > 1 && lines[i][0] == '.' && lines[i][1] >= 'A'
            && lines[i][1] <= 'Z')
            continue;
        if (style.asciidoc && lines[i].starts_with("[options="))
            continue;
        unframer.add(lines[i], static_cast<std::uint32_t>(i));
    }
    unframer.finish();
    return out;
}

} // namespace tailscope::import::explain
