// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/resultset.h"

#include "base/text.h"
#include "report/jsonwriter.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace tailscope::report {

namespace {

    using store::ColumnType;

    constexpr std::size_t kMeasuredRows = 1000;
    constexpr std::size_t kMaxWidth = 80;
    constexpr std::size_t kFlushBytes = 64 * 1024;

    std::string hexText(std::string_view bytes)
    {
        constexpr char digits[] = "0123456789abcdef";
        std::string text;
        for (const char c : bytes) {
            text += digits[static_cast<unsigned char>(c) >> 4];
            text += digits[static_cast<unsigned char>(c) & 15];
        }
        return text;
    }

    std::string cellText(const store::Statement &row, int column)
    {
        switch (row.type(column)) {
        case ColumnType::Null:
            return {};
        case ColumnType::Integer:
            return std::to_string(row.integer(column));
        case ColumnType::Real:
            return jsonNumber(row.real(column));
        case ColumnType::Text:
            return std::string(row.text(column));
        case ColumnType::Blob:
            return hexText(row.blob(column));
        }
        return {};
    }

    std::size_t codePoints(std::string_view text)
    {
        return static_cast<std::size_t>(
            std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
    }

    std::string_view firstCodePoints(std::string_view text, std::size_t n)
    {
        std::size_t at = 0;
        while (at < text.size()) {
            if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80 && n-- == 0)
                break;
            ++at;
        }
        return text.substr(0, at);
    }

    class Writer
    {
    public:
        explicit Writer(const OutputSink &sink)
            : m_sink(sink)
        {
        }
        virtual ~Writer() = default;
        virtual void begin(const std::vector<std::string> &names) = 0;
        virtual void row(const store::Statement &statement) = 0;
        virtual void end() = 0;

        bool flush(bool all)
        {
            if (out.empty() || (!all && out.size() < kFlushBytes))
                return true;
            const bool taken = m_sink(out);
            out.clear();
            return taken;
        }

    protected:
        std::string out;

    private:
        const OutputSink &m_sink;
    };

    class SeparatedWriter final : public Writer
    {
    public:
        SeparatedWriter(const OutputSink &sink, bool tabs)
            : Writer(sink)
            , m_tabs(tabs)
        {
        }
        void begin(const std::vector<std::string> &names) override
        {
            for (std::size_t i = 0; i < names.size(); ++i)
                cell(i, names[i]);
            out += '\n';
        }
        void row(const store::Statement &statement) override
        {
            for (int i = 0; i < statement.columnCount(); ++i)
                cell(static_cast<std::size_t>(i), cellText(statement, i));
            out += '\n';
        }
        void end() override { }

    private:
        void cell(std::size_t column, const std::string &text)
        {
            if (column > 0)
                out += m_tabs ? '\t' : ',';
            if (m_tabs)
                escaped(text);
            else
                quoted(text);
        }
        void quoted(const std::string &text)
        {
            if (text.find_first_of(",\"\r\n") == std::string::npos) {
                out += text;
                return;
            }
            out += '"';
            for (const char c : text)
                out += c == '"' ? std::string("\"\"") : std::string(1, c);
            out += '"';
        }
        void escaped(const std::string &text)
        {
            for (const char c : text) {
                if (c == '\t')
                    out += "\\t";
                else if (c == '\n')
                    out += "\\n";
                else if (c == '\r')
                    out += "\\r";
                else if (c == '\\')
                    out += "\\\\";
                else
                    out += c;
            }
        }

        bool m_tabs;
    };

    class JsonRows final : public Writer
    {
    public:
        using Writer::Writer;
        void begin(const std::vector<std::string> &names) override
        {
            std::set<std::string> used;
            for (const std::string &name : names) {
                std::string unique = name;
                for (int n = 2; !used.insert(unique).second; ++n)
                    unique = name + "_" + std::to_string(n);
                m_keys.push_back(jsonQuoted(unique));
            }
            out += '[';
        }
        void row(const store::Statement &statement) override
        {
            out += m_first ? "\n  {" : ",\n  {";
            m_first = false;
            for (int i = 0; i < statement.columnCount(); ++i) {
                out += (i > 0 ? ", " : "") + m_keys[static_cast<std::size_t>(i)] + ": ";
                const ColumnType type = statement.type(i);
                if (type == ColumnType::Null)
                    out += "null";
                else if (type == ColumnType::Text || type == ColumnType::Blob)
                    appendJsonQuoted(out, cellText(statement, i));
                else
                    out += cellText(statement, i);
            }
            out += '}';
        }
        void end() override { out += m_first ? "]\n" : "\n]\n"; }

    private:
        std::vector<std::string> m_keys;
        bool m_first = true;
    };

    class TableWriter final : public Writer
    {
    public:
        using Writer::Writer;
        void begin(const std::vector<std::string> &names) override
        {
            for (const std::string &name : names)
                m_names.push_back(printable(name));
            m_numbers.assign(names.size(), true);
        }
        void row(const store::Statement &statement) override
        {
            std::vector<std::string> cells;
            for (int i = 0; i < statement.columnCount(); ++i) {
                const ColumnType type = statement.type(i);
                cells.push_back(printable(cellText(statement, i)));
                if (type == ColumnType::Text || type == ColumnType::Blob)
                    m_numbers[static_cast<std::size_t>(i)] = m_numbers[static_cast<std::size_t>(i)] && m_measured;
            }
            if (m_measured)
                return line(cells, false);
            m_waiting.push_back(std::move(cells));
            if (m_waiting.size() >= kMeasuredRows)
                measure();
        }
        void end() override
        {
            if (!m_measured)
                measure();
        }

    private:
        void measure()
        {
            m_measured = true;
            for (std::size_t i = 0; i < m_names.size(); ++i) {
                std::size_t width = codePoints(m_names[i]);
                for (const auto &cells : m_waiting)
                    width = std::max(width, codePoints(cells[i]));
                m_widths.push_back(std::min(width, kMaxWidth));
            }
            line(m_names, true);
            std::string rule;
            for (std::size_t i = 0; i < m_widths.size(); ++i)
                rule += (i > 0 ? "  " : "") + std::string(m_widths[i], '-');
            out += rule + '\n';
            for (const auto &cells : m_waiting)
                line(cells, false);
            m_waiting.clear();
        }
        void line(const std::vector<std::string> &cells, bool heading)
        {
            std::string text;
            for (std::size_t i = 0; i < cells.size(); ++i) {
                std::string cell = cells[i];
                std::size_t length = codePoints(cell);
                if (length > kMaxWidth) {
                    cell = std::string(firstCodePoints(cell, kMaxWidth - 1)) + "…";
                    length = kMaxWidth;
                }
                const std::string pad(m_widths[i] > length ? m_widths[i] - length : 0, ' ');
                const bool right = m_numbers[i] && !heading;
                text += (i > 0 ? "  " : "") + (right ? pad + cell : cell + pad);
            }
            text.erase(text.find_last_not_of(' ') + 1);
            out += text + '\n';
        }

        std::vector<std::string> m_names;
        std::vector<bool> m_numbers;
        std::vector<std::size_t> m_widths;
        std::vector<std::vector<std::string>> m_waiting;
        bool m_measured = false;
    };

    std::unique_ptr<Writer> newWriter(ResultFormat format, const OutputSink &sink)
    {
        switch (format) {
        case ResultFormat::Csv:
            return std::make_unique<SeparatedWriter>(sink, false);
        case ResultFormat::Tsv:
            return std::make_unique<SeparatedWriter>(sink, true);
        case ResultFormat::Json:
            return std::make_unique<JsonRows>(sink);
        case ResultFormat::Table:
            break;
        }
        return std::make_unique<TableWriter>(sink);
    }

}

std::string printable(std::string_view text)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        // C1 controls are C2 80 to C2 9F in UTF-8; terminals obey them too.
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
        if (c == '\n' || c == '\r' || c == '\t') {
            out += ' ';
        } else if (c < 0x20 || c == 0x7f) {
            out += "\\x";
            out += digits[c >> 4];
            out += digits[c & 15];
        } else if (c == 0xc2 && next >= 0x80 && next < 0xa0) {
            out += "\\x";
            out += digits[next >> 4];
            out += digits[next & 15];
            ++i;
        } else {
            out += static_cast<char>(c);
        }
    }
    return out;
}

Result<std::int64_t> writeResult(store::Statement &rows, ResultFormat format, const OutputSink &sink)
{
    const auto refused = [] {
        return fail(ErrorCode::DiskFull, "output", "could not be written", "Check the free space or the reading program");
    };
    const std::unique_ptr<Writer> writer = newWriter(format, sink);
    std::vector<std::string> names;
    for (int i = 0; i < rows.columnCount(); ++i)
        names.emplace_back(rows.columnName(i));
    writer->begin(names);
    std::int64_t count = 0;
    for (;;) {
        const Result<bool> row = rows.step();
        if (!row) {
            writer->flush(true);
            return fail(row.error());
        }
        if (!*row)
            break;
        writer->row(rows);
        ++count;
        if (!writer->flush(false))
            return refused();
    }
    writer->end();
    if (!writer->flush(true))
        return refused();
    return count;
}

} // namespace tailscope::report
