// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/functiontable.h"

#include "base/text.h"
#include "items/flameweights.h"

#include <algorithm>

namespace tailscope::items {

FunctionTable::FunctionTable(session::Session *session, FlameModel *model, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_model(model)
    , m_job(session->jobs())
{
    connect(model, &FlameModel::treeChanged, this, &FunctionTable::fill);
    fill();
}

void FunctionTable::fill()
{
    const auto tree = m_model->topDown();
    std::vector<qint64> profiles = m_model->merged();
    if (m_model->profile())
        profiles.push_back(*m_model->profile());
    m_job.start<std::vector<Row>>(
        this, {},
        [tree, profiles, workspace = m_session->workspacePtr()](
            const Progress &) -> Result<std::vector<Row>> {
            std::vector<Row> rows;
            if (!tree)
                return rows;
            auto sites = readFrameSites(*workspace, profiles);
            if (!sites)
                return tl::unexpected(sites.error());
            for (const analysis::FlatEntry &entry : analysis::flatProfile(*tree)) {
                Row row{tree->names[entry.name], tree->groups[entry.group], entry.self, entry.total,
                    entry.count, {}};
                if (const auto site = sites->find({row.name, row.group}); site != sites->end())
                    row.site = site->second;
                rows.push_back(std::move(row));
            }
            return rows;
        },
        [this, tree](Result<std::vector<Row>> rows) {
            beginResetModel();
            m_rows = rows ? std::move(*rows) : std::vector<Row>();
            m_unit = tree ? QString::fromStdString(tree->unit) : QString();
            m_total = tree ? tree->nodes.front().total : 0;
            m_isProfile = m_model->profile().has_value();
            endResetModel();
            Q_EMIT headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
            Q_EMIT filled();
        });
}

bool FunctionTable::hasOwnUnit() const
{
    return m_unit == QLatin1String("ns") || m_unit == QLatin1String("bytes");
}

int FunctionTable::rowOf(const std::string &name, const std::string &group) const
{
    const auto found = std::find_if(m_rows.begin(), m_rows.end(),
        [&](const Row &row) { return row.name == name && row.group == group; });
    return found == m_rows.end() ? -1 : int(found - m_rows.begin());
}

int FunctionTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int FunctionTable::columnCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : ColumnCount; }

QString FunctionTable::siteText(int index) const
{
    const FrameSite &site = m_rows[std::size_t(index)].site;
    QString text = QString::fromStdString(site.file);
    if (!text.isEmpty() && site.line > 0)
        text += QLatin1Char(':') + QString::number(site.line);
    return text;
}

QVariant FunctionTable::sortValue(const Row &row, int column) const
{
    switch (column) {
    case Function:
        return QString::fromStdString(row.name);
    case Self:
    case SelfShare:
        return row.self;
    case Total:
    case TotalShare:
        return row.total;
    case Count:
        return row.count;
    case Module:
        return QString::fromStdString(row.group);
    default:
        return QString::fromStdString(row.site.file);
    }
}

QString FunctionTable::text(const Row &row, int column) const
{
    // Counts are bare: the header says of what.
    const auto weight = [this](double value) {
        return hasOwnUnit() ? weightText(value, m_unit)
                            : QString::fromStdString(groupedCount(wholeWeight(value)));
    };
    switch (column) {
    case Self:
        return weight(row.self);
    case SelfShare:
        return m_total > 0 ? shareText(std::max(0.0, row.self / m_total)) : QString();
    case Total:
        return weight(row.total);
    case TotalShare:
        return m_total > 0 ? shareText(std::max(0.0, row.total / m_total)) : QString();
    case Count:
        return QString::fromStdString(groupedCount(row.count));
    case Site:
        return siteText(int(&row - m_rows.data())).section(QLatin1Char('/'), -1);
    default:
        return sortValue(row, column).toString();
    }
}

QString FunctionTable::toolTip(const Row &row, int column) const
{
    switch (column) {
    case Self:
    case SelfShare: {
        QString tip = exactWeightText(row.self, m_unit);
        if (m_total > 0 && row.self >= kHotShare * m_total)
            tip += QLatin1Char('\n') + tr("Hot: at least 10 % of all by itself");
        return tip;
    }
    case Total:
    case TotalShare:
        return exactWeightText(row.total, m_unit);
    case Site: {
        const QString site = siteText(int(&row - m_rows.data()));
        return site.isEmpty() ? tr("The profile does not name the file") : site;
    }
    default:
        return text(row, column);
    }
}

QVariant FunctionTable::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || std::size_t(index.row()) >= m_rows.size())
        return {};
    const Row &row = m_rows[std::size_t(index.row())];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return text(row, column);
    case Qt::ToolTipRole:
        return toolTip(row, column);
    case Qt::TextAlignmentRole:
        return int((column >= Self && column <= Count ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case SortRole:
        return sortValue(row, column);
    case BarRole:
        if (m_total > 0 && (column == SelfShare || column == TotalShare))
            return std::clamp((column == SelfShare ? row.self : row.total) / m_total, 0.0, 1.0);
        return {};
    case LevelRole:
        return column == SelfShare && m_total > 0 && row.self >= kHotShare * m_total ? 2 : 0;
    default:
        return {};
    }
}

QVariant FunctionTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    const QString unit = hasOwnUnit() || m_unit.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(m_unit);
    const QStringList titles{m_isProfile ? tr("Function") : tr("Operation"), tr("Self") + unit, tr("Self %"),
        tr("Total") + unit, tr("Total %"), m_isProfile ? tr("Samples") : tr("Spans"),
        m_isProfile ? tr("Module") : tr("Service"), tr("File")};
    const QStringList tips{tr("Enter shows who calls it and what it calls"),
        m_isProfile ? tr("Weight of the samples that ended in it")
                    : tr("Duration without the time covered by synchronous children"),
        tr("Share of self in all; at least 10 % is marked as hot"),
        tr("With everything it calls; recursion counts once"), tr("Share of total in all"),
        m_isProfile ? tr("Samples that ended in it") : tr("Spans of this operation"),
        m_isProfile ? tr("Module, package or binary") : tr("Service of the spans"),
        tr("Place in the source code, as the profile names it")};
    if (role == Qt::DisplayRole)
        return titles.value(section);
    if (role == Qt::ToolTipRole)
        return tips.value(section);
    if (role == Qt::TextAlignmentRole)
        return int((section >= Self && section <= Count ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

QString FunctionTable::toTsv(const QList<int> &rows) const
{
    const auto field = [](const std::string &text) {
        return QString::fromStdString(text)
            .replace(QLatin1Char('\t'), QLatin1Char(' '))
            .replace(QLatin1Char('\n'), QLatin1Char(' '));
    };
    QString out = QStringLiteral("function\tgroup\tself\ttotal\tunit\tcount\tfile\tline\n");
    for (const int index : rows) {
        if (index < 0 || std::size_t(index) >= m_rows.size())
            continue;
        const Row &row = m_rows[std::size_t(index)];
        out += QStringList{field(row.name), field(row.group), QString::number(wholeWeight(row.self)),
                   QString::number(wholeWeight(row.total)), m_unit, QString::number(row.count),
                   field(row.site.file), row.site.line > 0 ? QString::number(row.site.line) : QString()}
                   .join(QLatin1Char('\t'))
            + QLatin1Char('\n');
    }
    return out;
}

} // namespace tailscope::items
