// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A comparison of recordings as tables.
#include "app/commands/recordingsprint.h"

#include "app/commands/alignedrows.h"
#include "base/text.h"
#include "items/celltext.h"

#include <QTextStream>

#include <algorithm>
#include <cmath>

namespace tailscope::app {

namespace {

using analysis::Change;
using items::RecordingComparison;
using items::cells::fromUtf8;
using Rows = std::vector<std::vector<QString>>;

constexpr qsizetype kStatementChars = 120;

QString real(const std::optional<double> &value, const char *unit = "")
{
    return items::cells::real(value, QString::fromUtf8(unit)).text;
}

QString wordOf(Change change, bool isTested, const char *more, const char *less)
{
    switch (change) {
    case Change::Same:
        return isTested ? QStringLiteral("no sure change") : QStringLiteral("not known");
    case Change::More:
        return QString::fromLatin1(more);
    case Change::Less:
        return QString::fromLatin1(less);
    case Change::OnlyFirst:
        return QStringLiteral("only in A");
    case Change::OnlySecond:
        return QStringLiteral("only in B");
    case Change::NotComparable:
        return QStringLiteral("not comparable");
    }
    return {};
}

QString figure(const std::optional<double> &value, const std::string &unit)
{
    if (unit == "share")
        return items::cells::share(value).text;
    if (unit == "bytes/s" && value)
        return items::cells::bytes(std::int64_t(std::llround(*value))).text + QStringLiteral("/s");
    return real(value, unit.c_str());
}

QString ratio(const std::optional<double> &first, const std::optional<double> &second)
{
    return real(first && second && *first > 0 ? std::optional(*second / *first) : std::nullopt, "×");
}

/// Header and at most `most` rows; what is left out is counted.
void printPart(QTextStream &out, const char *title, const Rows &rows, const std::vector<bool> &numeric,
    std::size_t all)
{
    out << "\n" << title << "\n";
    if (rows.size() < 2) {
        out << "nothing in either side\n";
        return;
    }
    printAligned(out, rows, numeric);
    if (all > rows.size() - 1)
        out << "and " << fromUtf8(groupedCount(std::int64_t(all - (rows.size() - 1)))) << " more\n";
}

QString header(const char *text) { return QString::fromUtf8(text); }

void printFigures(QTextStream &out, const RecordingComparison &from, std::size_t limit)
{
    Rows rows{{header("figure"), header("server"), header("A"), header("B"), header("B/A")}};
    for (const analysis::Headline &one : from.figures) {
        if (rows.size() <= limit)
            rows.push_back({fromUtf8(one.name), fromUtf8(one.server), figure(one.first, one.unit),
                figure(one.second, one.unit), ratio(one.first, one.second)});
    }
    printPart(out, "Headline", rows, {false, false, true, true, true}, from.figures.size());
}

void printStatements(QTextStream &out, const RecordingComparison &from, std::size_t limit)
{
    Rows rows{{header("gained"), header("mean A"), header("mean B"), header("B/A"), header("a call is"),
        header("calls/s A"), header("calls/s B"), header("called"), header("statement")}};
    for (const analysis::StatementChange &one : from.statements) {
        if (rows.size() > limit)
            break;
        const auto mean = [](const std::optional<analysis::StatementInRange> &side) {
            return items::cells::millis(side ? std::optional(side->growth.meanMs()) : std::nullopt).text;
        };
        const auto rate = [](const std::optional<analysis::StatementInRange> &side) {
            return real(side ? std::optional(side->callsPerSecond) : std::nullopt);
        };
        const auto text = from.texts.find(one.statement);
        QString sql = text != from.texts.end()
            ? fromUtf8(text->second).simplified()
            : QStringLiteral("(text hidden; query id %1)").arg(fromUtf8(one.queryId));
        if (sql.size() > kStatementChars)
            sql = sql.left(kStatementChars - 1) + QStringLiteral("…");
        rows.push_back({real(one.timeGainedMs, " ms/s"), mean(one.first), mean(one.second),
            real(one.meanRatio, "×"), meanWord(one), rate(one.first), rate(one.second), rateWord(one), sql});
    }
    printPart(out, "Statements, by the time they gained or lost in a second", rows,
        {true, true, true, true, false, true, true, false, false}, from.statements.size());
}

void printWaits(QTextStream &out, const RecordingComparison &from, std::size_t limit)
{
    Rows rows{{header("wait"), header("sessions A"), header("sessions B"), header("difference"),
        header("verdict")}};
    for (const analysis::WaitChange &one : from.waits) {
        if (rows.size() > limit)
            break;
        rows.push_back({one.wait.empty() ? header("(unknown)") : fromUtf8(one.wait), real(one.first),
            real(one.second), real(one.second - one.first),
            !one.isSure                  ? header("no sure change")
                : one.second > one.first ? header("more")
                                         : header("less")});
    }
    printPart(out, "Waits, average active sessions", rows, {false, true, true, true, false},
        from.waits.size());
}

/// What to think of a table's figures.
QString tableNote(const ComparedTable &table)
{
    if (!*table.before)
        return QStringLiteral("only in B");
    if (!*table.after)
        return QStringLiteral("only in A");
    QStringList out;
    for (const auto *side : {table.before, table.after}) {
        const QString who = side == table.before ? QStringLiteral("A") : QStringLiteral("B");
        if ((*side)->seconds <= 0)
            out << QStringLiteral("a single sample in %1").arg(who);
        else if ((*side)->growth.wasReset)
            out << QStringLiteral("counters began anew in %1").arg(who);
    }
    return out.join(QStringLiteral(", "));
}

void printTables(QTextStream &out, const RecordingComparison &from, std::size_t limit)
{
    Rows rows{{header("table"), header("seq scans/s A"), header("B"), header("index scans/s A"), header("B"),
        header("rows read/s A"), header("B"), header("written/s A"), header("B"), header("blocks read/s A"),
        header("B"), header("size A"), header("B"), header("note")}};
    std::vector<bool> numeric(rows.front().size(), true);
    numeric.front() = numeric.back() = false;
    for (const ComparedTable &table : sortedTables(from)) {
        if (rows.size() > limit)
            break;
        std::vector<QString> row{fromUtf8(*table.name)};
        for (const auto rate : {&items::TableRates::seqScans, &items::TableRates::indexScans,
                 &items::TableRates::rowsRead, &items::TableRates::written, &items::TableRates::blocksRead}) {
            row.push_back(real(table.first.*rate));
            row.push_back(real(table.second.*rate));
        }
        for (const auto *side : {table.before, table.after})
            row.push_back(items::cells::bytes(*side ? (*side)->tableBytes : std::nullopt).text);
        row.push_back(tableNote(table));
        rows.push_back(std::move(row));
    }
    printPart(out, "Tables, by the rows read and written in a second", rows, numeric, from.tables.size());
}

void printSettings(QTextStream &out, const RecordingComparison &from, std::size_t limit)
{
    Rows rows{{header("setting"), header("server"), header("A"), header("B")}};
    const auto value = [](const std::optional<std::string> &text) {
        return text ? fromUtf8(*text).simplified() : QStringLiteral("not known");
    };
    for (const items::SettingChange &one : from.settings) {
        if (rows.size() <= limit)
            rows.push_back({fromUtf8(one.name), fromUtf8(one.server), value(one.first), value(one.second)});
    }
    printPart(out, "Settings that differ", rows, {false, false, false, false}, from.settings.size());
}

void printSide(QTextStream &out, const char *who, const QString &name, const analysis::RecordingSide &side,
    const items::SideCoverage &coverage)
{
    out << who << "  " << name << ", " << fromUtf8(humanDuration(side.range.length())) << " from "
        << fromUtf8(utcTimestamp(side.range.begin)) << "\n";
    for (const analysis::StatementCoverage &one : coverage.servers)
        out << "   " << fromUtf8(groupedCount(one.samples)) << " samples of statements over "
            << fromUtf8(humanDuration(one.to - one.from)) << ", " << fromUtf8(one.server) << "\n";
    out << "   " << fromUtf8(groupedCount(coverage.sessionSamples)) << " samples of sessions\n";
}

} // namespace

QString meanWord(const analysis::StatementChange &change)
{
    return wordOf(change.mean, change.meanTest.has_value(), "slower", "faster");
}

QString rateWord(const analysis::StatementChange &change)
{
    return wordOf(change.rate, change.rateP.has_value(), "more often", "less often");
}

std::vector<ComparedTable> sortedTables(const RecordingComparison &comparison)
{
    std::vector<ComparedTable> out;
    for (const auto &[name, both] : comparison.tables) {
        ComparedTable one{&name, &both.first, &both.second, items::tableRates(both.first),
            items::tableRates(both.second), 0};
        const auto touched = [](const items::TableRates &rates) {
            return rates.rowsRead.value_or(0) + rates.written.value_or(0);
        };
        one.change = std::abs(touched(one.second) - touched(one.first));
        out.push_back(one);
    }
    std::stable_sort(out.begin(), out.end(),
        [](const ComparedTable &a, const ComparedTable &b) { return a.change > b.change; });
    return out;
}

void printText(QTextStream &out, const RecordingComparison &comparison, const ComparisonPrint &order)
{
    printSide(out, "A", order.firstName, comparison.first, comparison.firstCoverage);
    printSide(out, "B", order.secondName, comparison.second, comparison.secondCoverage);
    for (const std::string &doubt : items::doubtsOf(comparison))
        out << "doubt: " << fromUtf8(doubt) << "\n";
    using Print = void (*)(QTextStream &, const RecordingComparison &, std::size_t);
    constexpr Print prints[]{printFigures, printStatements, printWaits, printTables, printSettings};
    for (qsizetype part = 0; part < kComparedParts.size(); ++part) {
        if (order.parts.contains(kComparedParts.at(part)))
            prints[part](out, comparison, order.limit);
    }
}

} // namespace tailscope::app
