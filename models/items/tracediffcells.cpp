// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// What the comparison of two traces says, in words and in cells.
#include "base/text.h"
#include "items/tracediffmodel.h"
#include "items/waterfalltext.h"

#include <algorithm>
#include <cmath>

namespace tailscope::items {

using analysis::kNoRow;
using analysis::TraceDiffPart;
using analysis::TraceDiffRow;

namespace {

/// Parts named in a sentence, and how much of the longer request is worth naming.
constexpr std::size_t kMostParts = 4;
constexpr double kLeastPart = 0.003;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString human(Nanos ns) { return fromUtf8(humanDuration(ns)); }

QString signedText(Nanos ns, QString (*text)(Nanos))
{
    if (ns == kUnknownNanos)
        return TraceDiffModel::tr("unknown");
    return ns == 0 ? text(0) : (ns < 0 ? QStringLiteral("−") : QStringLiteral("+")) + text(ns < 0 ? -ns : ns);
}

QString exact(Nanos ns) { return fromUtf8(exactDuration(ns)); }

bool isDelta(int column)
{
    return column == TraceDiffModel::TotalDelta || column == TraceDiffModel::SelfDelta
        || column == TraceDiffModel::CriticalDelta;
}

bool isText(int column)
{
    return column == TraceDiffModel::Operation || column == TraceDiffModel::Service
        || column == TraceDiffModel::In;
}

} // namespace

QString TraceDiffModel::words() const
{
    if (!m_pair)
        return {};
    const analysis::TraceDiff &diff = m_pair->diff;
    if (diff.requestA == kUnknownNanos || diff.requestB == kUnknownNanos)
        return tr("The duration of one of the requests is unknown: only spans can be compared.");
    const Nanos delta = diff.requestB - diff.requestA;
    QString text;
    if (delta == 0)
        text = tr("A and B take equally long");
    else if (diff.requestA > 0)
        text = (delta > 0 ? tr("B is %1 slower (%2 times A)") : tr("B is %1 faster (%2 times A)"))
                   .arg(human(delta < 0 ? -delta : delta))
                   .arg(double(diff.requestB) / double(diff.requestA), 0, 'g', 3);
    else
        text = tr("B is %1 slower").arg(human(delta));
    const analysis::SpanColumns &columns = *m_pair->a->columns;
    const double least = kLeastPart * double(std::max(diff.requestA, diff.requestB));
    QStringList parts;
    Nanos named = 0;
    for (const TraceDiffPart &part : diff.parts) {
        if (parts.size() >= qsizetype(kMostParts) || std::abs(double(part.delta())) < std::max(1.0, least))
            break;
        const QString name = fromUtf8(columns.operations[columns.operation[part.row]]);
        parts << (part.isGap ? tr("%1 in no span of %2 (%3)") : tr("%1 in %2 (%3)"))
                     .arg(signedText(part.delta(), human), name, timeClassText(part.timeClass));
        named += part.delta();
    }
    if (parts.isEmpty())
        return text + QLatin1Char('.');
    if (named != delta && qsizetype(diff.parts.size()) > parts.size())
        parts << tr("%1 elsewhere").arg(signedText(delta - named, human));
    return text + QStringLiteral(": ") + parts.join(QStringLiteral(", ")) + QLatin1Char('.');
}

QString TraceDiffModel::sideText(bool isB) const
{
    if (!m_pair)
        return {};
    const WaterfallTrace &trace = isB ? *m_pair->b : *m_pair->a;
    if (trace.spans.root == kNoRow)
        return {};
    return tr("%1: %2 · %3 · %4 spans · %5 · trace %6")
        .arg(isB ? QStringLiteral("B") : QStringLiteral("A"), fromUtf8(trace.operation(trace.spans.root)),
            human(trace.request()), fromUtf8(groupedCount(std::int64_t(trace.size()))),
            m_session->context()->timeText(trace.begin()), trace.key);
}

int TraceDiffModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_order.size());
}

int TraceDiffModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant TraceDiffModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const std::uint32_t at = m_order[std::size_t(index.row())];
    const TraceDiffRow &row = m_pair->diff.rows[at];
    const int column = index.column();
    const bool isMissing = ((column == TotalA || column == SelfA) && row.a == kNoRow)
        || ((column == TotalB || column == SelfB) && row.b == kNoRow);
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        if (column == Operation) {
            if (role == Qt::DisplayRole)
                return nameOf(at);
            QStringList way;
            for (std::uint32_t up = at; up != kNoRow && way.size() < 40; up = m_pair->diff.rows[up].parent)
                way.prepend(nameOf(up));
            return way.join(QStringLiteral(" › "));
        }
        if (column == Service)
            return serviceOf(at);
        if (column == In)
            return row.isBoth() ? tr("both") : row.a != kNoRow ? tr("only in A") : tr("only in B");
        if (isMissing)
            return QStringLiteral("–");
        if (isDelta(column))
            return signedText(nanos(at, column), role == Qt::DisplayRole ? human : exact);
        return role == Qt::DisplayRole ? human(nanos(at, column)) : exact(nanos(at, column));
    case Qt::TextAlignmentRole:
        return int((isText(column) ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case BarRole: {
        const Nanos most = std::max(m_pair->diff.requestA, m_pair->diff.requestB);
        const Nanos value = nanos(at, column);
        return isDelta(column) && most > 0 && value != kUnknownNanos && value != 0
            ? QVariant(std::min(1.0, std::abs(double(value)) / double(most)))
            : QVariant();
    }
    case LevelRole:
        return 0;
    default:
        return {};
    }
}

QVariant TraceDiffModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const QStringList titles{tr("Operation"), tr("Service"), tr("A"), tr("B"), tr("B − A"),
        tr("Own A"), tr("Own B"), tr("Own B − A"), tr("Critical B − A"), tr("In")};
    static const QStringList tips{
        tr("Span by its path: same path of service and operation, n-th of its kind"),
        tr("Service or process"), tr("Duration in A"), tr("Duration in B"),
        tr("Difference of the durations; sorted by size, whichever way"),
        tr("Own time in A: duration without the union of the synchronous children"), tr("Own time in B"),
        tr("Difference of own time"),
        tr("Difference of own time on the critical path: these add up to the "
           "difference of the requests"),
        tr("Whether the span is in both traces")};
    switch (role) {
    case Qt::DisplayRole:
        return titles.value(section);
    case Qt::ToolTipRole:
        return tips.value(section);
    case Qt::TextAlignmentRole:
        return int((isText(section) ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    default:
        return {};
    }
}

QString TraceDiffModel::toText(const QList<int> &rows) const
{
    QStringList lines{QStringLiteral("operation\tservice\ta_ns\tb_ns\tdelta_ns\tself_a_ns\tself_b_ns\t"
                                     "self_delta_ns\tcritical_delta_ns\tin")};
    for (const int row : rows) {
        const std::uint32_t at = m_order[std::size_t(row)];
        const TraceDiffRow &line = m_pair->diff.rows[at];
        QStringList cells{nameOf(at), serviceOf(at)};
        for (QString &cell : cells)
            cell.replace(QLatin1Char('\t'), QLatin1Char(' ')).replace(QLatin1Char('\n'), QLatin1Char(' '));
        for (const int column : {int(TotalA), int(TotalB), int(TotalDelta), int(SelfA), int(SelfB),
                 int(SelfDelta), int(CriticalDelta)}) {
            const bool isMissing = ((column == TotalA || column == SelfA) && line.a == kNoRow)
                || ((column == TotalB || column == SelfB) && line.b == kNoRow);
            const Nanos value = nanos(at, column);
            cells << (isMissing || value == kUnknownNanos ? QString() : QString::number(value));
        }
        cells << (line.isBoth()    ? QStringLiteral("both")
                : line.a != kNoRow ? QStringLiteral("a")
                                   : QStringLiteral("b"));
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
