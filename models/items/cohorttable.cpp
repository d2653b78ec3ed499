// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/cohorttable.h"

#include "base/text.h"

#include <array>
#include <cmath>

namespace tailscope::items {

namespace {

using analysis::CohortDifference;
using Kind = CohortDifference::Kind;

QString fromUtf8(const std::string &text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString percent(double share) { return QString::number(100 * share, 'g', 3) + QStringLiteral(" %"); }

bool isTime(Kind kind) { return kind == Kind::SelfTime || kind == Kind::Gap; }

bool isPresence(Kind kind) { return !isTime(kind) && kind != Kind::Calls; }

double allShare(const CohortDifference &difference)
{
    if (isPresence(difference.kind) && difference.lift && *difference.lift > 0)
        return difference.coverage / *difference.lift; // weighted like the coverage
    return difference.allTotal > 0 ? double(difference.allN) / double(difference.allTotal) : 0;
}

QString valueText(const CohortDifference &difference, double value)
{
    return isTime(difference.kind) ? fromUtf8(humanDuration(Nanos(std::llround(value))))
                                   : QString::number(value, 'g', 4);
}

QString chanceText(double p)
{
    if (p < 1e-300)
        return QStringLiteral("< 1e-300");
    return p < 0.001 ? QString::number(p, 'e', 0) : QString::number(p, 'f', 3);
}

QString kindText(Kind kind)
{
    static const std::array<QString, 6> kNames{QStringLiteral("trait"), QStringLiteral("inside"),
        QStringLiteral("path"), QStringLiteral("self time"), QStringLiteral("uncovered time"),
        QStringLiteral("calls")};
    return kNames[std::size_t(kind)];
}

} // namespace

CohortTable::CohortTable(QObject *parent)
    : QAbstractTableModel(parent)
{}

void CohortTable::setContent(std::shared_ptr<const CohortContent> content)
{
    beginResetModel();
    m_content = std::move(content);
    m_rows.clear();
    if (m_content && m_content->report) {
        const auto &differences = m_content->report->differences;
        for (std::size_t i = 0; i < differences.size(); ++i) {
            if (m_all || differences[i].isDifferent)
                m_rows.push_back(i);
        }
    }
    endResetModel();
}

void CohortTable::setShowAll(bool all)
{
    if (m_all == all)
        return;
    m_all = all;
    setContent(m_content);
}

const CohortDifference *CohortTable::difference(int row) const
{
    if (row < 0 || row >= rowCount())
        return nullptr;
    return &m_content->report->differences[m_rows[std::size_t(row)]];
}

int CohortTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int CohortTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QString CohortTable::text(const CohortDifference &difference, int column) const
{
    const auto counts = [](std::int64_t n, std::int64_t of) {
        return QStringLiteral("%1 of %2").arg(fromUtf8(groupedCount(n)), fromUtf8(groupedCount(of)));
    };
    switch (column) {
    case What:
        return isPresence(difference.kind) && difference.kind != Kind::Path
            ? QStringLiteral("%1 = %2").arg(fromUtf8(difference.key), fromUtf8(difference.value))
            : fromUtf8(difference.subject());
    case KindColumn:
        return kindText(difference.kind);
    case SlowColumn:
        if (isTime(difference.kind))
            return QStringLiteral("%1 · %2 of the extra time")
                .arg(valueText(difference, difference.slowValue), percent(difference.coverage));
        if (difference.kind == Kind::Calls)
            return QStringLiteral("%1 a request").arg(valueText(difference, difference.slowValue));
        return QStringLiteral("%1 · %2").arg(percent(difference.coverage),
            counts(difference.slowN, difference.slowTotal));
    case AllColumn:
        if (!isPresence(difference.kind))
            return valueText(difference, difference.restValue) + QStringLiteral(" in the rest");
        return QStringLiteral("%1 · %2").arg(percent(allShare(difference)),
            counts(difference.allN, difference.allTotal));
    case Lift:
        return difference.lift ? QStringLiteral("×%1").arg(*difference.lift, 0, 'g', 3)
                               : QStringLiteral("only here");
    case Chance:
        return chanceText(difference.adjustedP);
    case SameAs: {
        QStringList names;
        for (const std::string &name : difference.sameAs)
            names << fromUtf8(name);
        return names.join(QStringLiteral(", "));
    }
    default:
        return {};
    }
}

QString CohortTable::toolTip(const CohortDifference &difference) const
{
    QString tip = text(difference, What);
    if (isPresence(difference.kind)) {
        tip += QStringLiteral("\n%1 of %2 slow requests, %3 of %4 of both sets")
                   .arg(difference.slowN)
                   .arg(difference.slowTotal)
                   .arg(difference.allN)
                   .arg(difference.allTotal);
        tip += QStringLiteral("\nlift = share of the slow / share of all = %1")
                   .arg(difference.lift.value_or(0), 0, 'g', 6);
    } else if (isTime(difference.kind)) {
        tip += QStringLiteral("\nmedian a request: %1 slow, %2 rest; mean: %3 slow, %4 rest")
                   .arg(fromUtf8(exactDuration(Nanos(difference.slowValue))),
                       fromUtf8(exactDuration(Nanos(difference.restValue))),
                       valueText(difference, difference.slowMean),
                       valueText(difference, difference.restMean));
    } else {
        tip += QStringLiteral("\ncalls a request: mean %1 slow, %2 rest")
                   .arg(difference.slowMean, 0, 'g', 4)
                   .arg(difference.restMean, 0, 'g', 4);
    }
    tip += QStringLiteral("\np = %1; %2 after correction for %3 things compared (Bonferroni)")
               .arg(chanceText(difference.p), chanceText(difference.adjustedP))
               .arg(m_content->report->tested);
    if (!difference.scope.empty())
        tip += QStringLiteral("\nattribute of the %1").arg(fromUtf8(difference.scope));
    if (!difference.sameAs.empty())
        tip += QStringLiteral("\nthe same requests: ") + text(difference, SameAs);
    return tip;
}

QVariant CohortTable::data(const QModelIndex &index, int role) const
{
    const CohortDifference *difference = index.isValid() ? this->difference(index.row()) : nullptr;
    if (!difference)
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return text(*difference, index.column());
    case Qt::ToolTipRole:
        return toolTip(*difference);
    case Qt::TextAlignmentRole:
        if (index.column() == Lift || index.column() == Chance)
            return int(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    case BarRole:
        if (index.column() == SlowColumn && difference->kind != Kind::Calls)
            return std::min(1.0, difference->coverage);
        if (index.column() == AllColumn && isPresence(difference->kind))
            return allShare(*difference);
        return {};
    case LevelRole:
        return 0;
    default:
        return {};
    }
}

QVariant CohortTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    static const std::array<std::pair<QString, QString>, ColumnCount> kTitles{{
        {QStringLiteral("What"),
            QStringLiteral("A trait of the request, or something that happens inside it")},
        {QStringLiteral("Kind"),
            QStringLiteral(
                "trait: of the request itself. inside: of a span below it. path: an operation occurs. self "
                "time, uncovered time (no child runs), calls: medians a request")},
        {QStringLiteral("Slow requests"),
            QStringLiteral("Share of the slow requests that have it; times: median, and "
                           "share of the additional time")},
        {QStringLiteral("All / rest"),
            QStringLiteral("Share of all compared requests that have it; times: median of the rest")},
        {QStringLiteral("Lift"),
            QStringLiteral("Share of the slow / share of all; times and calls: ratio of the means")},
        {QStringLiteral("Chance"),
            QStringLiteral("p-value after correction for everything that was compared (Bonferroni)")},
        {QStringLiteral("Same as"), QStringLiteral("Other names of exactly the same requests")},
    }};
    const auto &[title, tip] = kTitles[std::size_t(section)];
    if (role == Qt::DisplayRole)
        return title;
    return role == Qt::ToolTipRole ? QVariant(tip) : QVariant();
}

QString CohortTable::filterTerms(int row) const
{
    const CohortDifference *chosen = difference(row);
    if (!chosen)
        return {};
    const auto term = [](analysis::FilterTerm::Field field, const std::string &value) {
        analysis::FilterTerm made;
        made.field = field;
        made.op = analysis::FilterTerm::Op::Equal;
        made.text = value;
        return made;
    };
    using Field = analysis::FilterTerm::Field;
    analysis::Filter filter;
    if (!isPresence(chosen->kind) || chosen->kind == Kind::Path || chosen->key == "operation") {
        if (!chosen->service.empty())
            filter.terms.push_back(term(Field::Service, chosen->service));
        filter.terms.push_back(term(Field::Operation, chosen->operation));
    } else if (chosen->scope.empty() && chosen->kind == Kind::Trait) {
        if (chosen->key == "service")
            filter.terms.push_back(term(Field::Service, chosen->value));
        else if (chosen->key == "instance")
            filter.terms.push_back(term(Field::Instance, chosen->value));
        else if (chosen->key == "kind" || chosen->key == "status" || chosen->key == "http"
            || chosen->key == "source")
            return fromUtf8(chosen->key + '=' + chosen->value);
    }
    return fromUtf8(filter.toText());
}

QString CohortTable::rowText(int row) const
{
    QStringList cells;
    for (int column = 0; column < ColumnCount; ++column)
        cells << data(index(row, column)).toString();
    return cells.join(QLatin1Char('\t'));
}

QString CohortTable::tableText() const
{
    QStringList lines, titles;
    for (int column = 0; column < ColumnCount; ++column)
        titles << headerData(column, Qt::Horizontal).toString();
    lines << titles.join(QLatin1Char('\t'));
    for (int row = 0; row < rowCount(); ++row)
        lines << rowText(row);
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
