// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/reporttables.h"

#include <algorithm>

namespace tailscope::report {

namespace {

/// Characters of UTF-8 text, for alignment (wide characters count as one).
std::size_t width(const std::string &text)
{
    return std::size_t(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void appendAligned(std::string &out, const std::vector<std::string> &cells,
    const std::vector<std::size_t> &widths, const std::vector<bool> &numeric)
{
    std::string line = "  ";
    for (std::size_t c = 0; c < cells.size(); ++c) {
        const std::string pad(widths[c] - std::min(widths[c], width(cells[c])), ' ');
        line += numeric[c] ? pad + cells[c] : cells[c] + pad;
        if (c + 1 < cells.size())
            line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
}

std::string markdownCell(const std::string &text)
{
    std::string out;
    for (const char c : text) {
        if (c == '|' || c == '\\')
            out += '\\';
        out += c;
    }
    return out;
}

std::string htmlText(const std::string &text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

constexpr const char *kStyle
    = "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 "
      "1rem;color:#1b1f24;background:#fff}"
      "table{border-collapse:collapse;width:100%;font-size:14px}th,td{padding:.3rem .6rem;text-align:left;"
      "border-bottom:1px solid #d9dde2;vertical-align:top;overflow-wrap:anywhere}th{font-weight:600}"
      "td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;overflow-wrap:normal}"
      "p.note{color:#57606a;max-width:60rem}h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}"
      "td.critical{color:#c0301c;font-weight:600}td.warning{color:#a86200;font-weight:600}td.good{color:#"
      "007a59}"
      "@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#171a1e}th,td{border-color:#333941}"
      "p.note{color:#8b939c}td.critical{color:#ff7b6b}td.warning{color:#f0b43a}td.good{color:#3fc398}}";

} // namespace

std::string toText(const ReportData &data)
{
    std::string out = "Tailscope report\n";
    for (const ReportTable &table : toTables(data)) {
        out += "\n" + table.title + "\n";
        if (!table.note.empty())
            out += "  " + table.note + "\n";
        if (table.rows.empty())
            continue;
        std::vector<std::size_t> widths(table.columns.size());
        for (std::size_t c = 0; c < widths.size(); ++c) {
            widths[c] = width(table.columns[c]);
            for (const auto &row : table.rows)
                widths[c] = std::max(widths[c], width(row[c]));
        }
        appendAligned(out, table.columns, widths, table.numeric);
        for (const auto &row : table.rows)
            appendAligned(out, row, widths, table.numeric);
    }
    return out;
}

std::string toMarkdown(const ReportData &data)
{
    std::string out = "# Tailscope report\n";
    for (const ReportTable &table : toTables(data)) {
        out += "\n## " + table.title + "\n\n";
        if (!table.note.empty())
            out += table.note + "\n\n";
        if (table.rows.empty())
            continue;
        out += "|";
        for (const std::string &column : table.columns)
            out += " " + markdownCell(column) + " |";
        out += "\n|";
        for (const bool numeric : table.numeric)
            out += numeric ? " ---: |" : " --- |";
        out += "\n";
        for (const auto &row : table.rows) {
            out += "|";
            for (const std::string &cell : row)
                out += " " + markdownCell(cell) + " |";
            out += "\n";
        }
    }
    return out;
}

std::string toHtml(const ReportData &data)
{
    std::string out
        = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Tailscope report</title>"
          "<meta name=\"viewport\" content=\"width=device-width\"><style>";
    out += kStyle;
    out += "</style></head><body><h1>Tailscope report</h1>\n";
    for (const ReportTable &table : toTables(data)) {
        out += "<h2>" + htmlText(table.title) + "</h2>\n";
        if (!table.note.empty())
            out += "<p class=\"note\">" + htmlText(table.note) + "</p>\n";
        if (table.rows.empty())
            continue;
        out += "<table><thead><tr>";
        for (std::size_t c = 0; c < table.columns.size(); ++c)
            out += std::string(table.numeric[c] ? "<th class=\"n\">" : "<th>") + htmlText(table.columns[c])
                + "</th>";
        out += "</tr></thead><tbody>\n";
        for (const auto &row : table.rows) {
            out += "<tr>";
            for (std::size_t c = 0; c < row.size(); ++c) {
                const bool severity = table.columns[c] == "severity";
                out += table.numeric[c] ? "<td class=\"n\">"
                    : severity          ? "<td class=\"" + htmlText(row[c]) + "\">"
                                        : "<td>";
                out += htmlText(row[c]) + "</td>";
            }
            out += "</tr>\n";
        }
        out += "</tbody></table>\n";
    }
    return out + "</body></html>\n";
}

} // namespace tailscope::report
