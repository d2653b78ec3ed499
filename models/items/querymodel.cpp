// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/querymodel.h"

#include "base/text.h"

#include <QElapsedTimer>

#include <algorithm>
#include <cmath>

namespace tailscope::items {

struct QueryModel::Table
{
    QStringList columns;
    std::vector<std::vector<QVariant>> rows;
    qint64 milliseconds = 0;
    bool truncated = false;
};

namespace {

QVariant cell(const store::Statement &statement, int column)
{
    switch (statement.type(column)) {
    case store::ColumnType::Null:
        return {};
    case store::ColumnType::Integer:
        return QVariant::fromValue<qlonglong>(statement.integer(column));
    case store::ColumnType::Real:
        return statement.real(column);
    case store::ColumnType::Text: {
        const std::string_view text = statement.text(column);
        return QString::fromUtf8(text.data(), qsizetype(text.size()));
    }
    case store::ColumnType::Blob: {
        const std::string_view bytes = statement.blob(column);
        return QString::fromLatin1(QByteArray(bytes.data(), qsizetype(bytes.size())).toHex());
    }
    }
    return {};
}

int typeRank(const QVariant &value)
{
    return !value.isValid() ? 0 : value.userType() == QMetaType::QString ? 2 : 1;
}

/// SQLite's order: NULL, numbers, text.
bool lessThan(const QVariant &a, const QVariant &b)
{
    const int left = typeRank(a);
    const int right = typeRank(b);
    if (left != right)
        return left < right;
    if (left == 2)
        return a.toString() < b.toString();
    if (a.userType() == QMetaType::LongLong && b.userType() == QMetaType::LongLong)
        return a.toLongLong() < b.toLongLong();
    return a.toDouble() < b.toDouble();
}

QString csvField(const QString &text, QChar separator)
{
    if (!text.contains(separator) && !text.contains(QLatin1Char('"')) && !text.contains(QLatin1Char('\n'))
        && !text.contains(QLatin1Char('\r')))
        return text;
    return QLatin1Char('"') + QString(text).replace(QLatin1Char('"'), QStringLiteral("\"\""))
        + QLatin1Char('"');
}

} // namespace

QueryModel::QueryModel(session::Session *session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_job(session->jobs())
{}

void QueryModel::setQuery(const QString &sql, const QVariantList &values, bool own)
{
    using Shared = std::shared_ptr<Table>;
    const auto workspace = m_session->workspacePtr();
    const std::string text = sql.toStdString();
    m_job.start<Shared>(
        this, {},
        [workspace, text, values, own](const Progress &progress) -> Result<Shared> {
            QElapsedTimer clock;
            clock.start();
            auto database = workspace->connectReader();
            if (!database)
                return tl::unexpected(database.error());
            database->setCancel(progress.cancel);
            database->setReadOnlyAuthorizer(!own);
            auto statement = database->prepare(text);
            if (!statement)
                return tl::unexpected(statement.error());
            std::vector<std::string> texts;
            texts.reserve(std::size_t(values.size()));
            for (int i = 0; i < values.size(); ++i) {
                const QVariant &value = values.at(i);
                if (value.userType() == QMetaType::QString)
                    statement->bind(i, std::string_view(texts.emplace_back(value.toString().toStdString())));
                else if (value.userType() == QMetaType::Double)
                    statement->bind(i, value.toDouble());
                else
                    statement->bind(i, std::int64_t(value.toLongLong()));
            }
            auto table = std::make_shared<Table>();
            for (int c = 0; c < statement->columnCount(); ++c) {
                const std::string_view name = statement->columnName(c);
                table->columns << QString::fromUtf8(name.data(), qsizetype(name.size()));
            }
            while (true) {
                auto row = statement->step();
                if (!row)
                    return tl::unexpected(row.error());
                if (!*row)
                    break;
                if (table->rows.size() >= std::size_t(kMaxRows)) {
                    table->truncated = true;
                    break;
                }
                auto &cells = table->rows.emplace_back();
                cells.reserve(std::size_t(table->columns.size()));
                for (int c = 0; c < table->columns.size(); ++c)
                    cells.push_back(cell(*statement, c));
            }
            table->milliseconds = clock.elapsed();
            return table;
        },
        [this](Result<Shared> table) {
            beginResetModel();
            m_error.clear();
            if (table) {
                m_columns = (*table)->columns;
                m_rows = std::move((*table)->rows);
                m_milliseconds = (*table)->milliseconds;
                m_truncated = (*table)->truncated;
            } else {
                m_columns.clear();
                m_rows.clear();
                m_truncated = false;
                m_error = QString::fromStdString(table.error().toText());
            }
            endResetModel();
            Q_EMIT finished();
        });
}

void QueryModel::cancel()
{
    if (!m_job.isRunning())
        return;
    m_job.cancel();
    m_error = tr("Cancelled.");
    Q_EMIT finished();
}

void QueryModel::clear()
{
    m_job.cancel();
    beginResetModel();
    m_columns.clear();
    m_rows.clear();
    m_error.clear();
    endResetModel();
}

QVariant QueryModel::value(int row, int column) const
{
    return m_rows[std::size_t(row)][std::size_t(column)];
}

QString QueryModel::toText(QChar separator, const QModelIndexList &selected) const
{
    QStringList header;
    for (const QString &column : m_columns)
        header << csvField(column, separator);
    QString text = header.join(separator) + QLatin1Char('\n');
    std::vector<int> rows;
    for (const QModelIndex &index : selected)
        rows.push_back(index.row());
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    const std::size_t count = selected.isEmpty() ? m_rows.size() : rows.size();
    for (std::size_t i = 0; i < count; ++i) {
        const auto &cells = m_rows[selected.isEmpty() ? i : std::size_t(rows[i])];
        QStringList fields;
        for (const QVariant &value : cells)
            fields << csvField(value.toString(), separator);
        text += fields.join(separator) + QLatin1Char('\n');
    }
    return text;
}

int QueryModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int QueryModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_columns.size());
}

QVariant QueryModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const QVariant &value = m_rows[std::size_t(index.row())][std::size_t(index.column())];
    switch (role) {
    case Qt::DisplayRole:
        return value.isValid() ? displayText(m_columns.at(index.column()), value) : QStringLiteral("–");
    case Qt::ToolTipRole:
        return value.isValid() ? value.toString() : tr("unknown (NULL)");
    case Qt::TextAlignmentRole:
        return int((typeRank(value) == 1 ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case SortRole:
        return value;
    default:
        return {};
    }
}

QVariant QueryModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole)
        return {};
    return orientation == Qt::Horizontal ? QVariant(m_columns.value(section)) : QVariant(section + 1);
}

void QueryModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= m_columns.size())
        return;
    beginResetModel();
    const auto c = std::size_t(column);
    std::stable_sort(m_rows.begin(), m_rows.end(), [c, order](const auto &a, const auto &b) {
        return order == Qt::AscendingOrder ? lessThan(a[c], b[c]) : lessThan(b[c], a[c]);
    });
    endResetModel();
}

bool isTimeColumn(const QString &column)
{
    return column == QLatin1String("ts_ns") || column.endsWith(QLatin1String("start_ns"))
        || column.endsWith(QLatin1String("end_ns")) || column.endsWith(QLatin1String("_at_ns"));
}

QString timeColumnText(const QString &column, Nanos ns, const session::SessionContext &context)
{
    if (!context.isAbsoluteTime() && column.endsWith(QLatin1String("_at_ns")))
        return QString::fromStdString(utcTimestamp(ns)).replace(QLatin1Char('Z'), QStringLiteral(" UTC"));
    return context.timeText(ns);
}

QString displayText(const QString &column, const QVariant &value, const session::SessionContext *context)
{
    const bool integer = value.userType() == QMetaType::LongLong;
    const bool number = integer || value.userType() == QMetaType::Double;
    if (!number)
        return value.toString();
    if (context && integer && isTimeColumn(column))
        return timeColumnText(column, value.toLongLong(), *context);
    static const QStringList durations{QStringLiteral("duration_ns"), QStringLiteral("self_ns"),
        QStringLiteral("gap_ns"), QStringLiteral("total_ns"), QStringLiteral("p50_ns"),
        QStringLiteral("p90_ns"), QStringLiteral("p95_ns"), QStringLiteral("p99_ns"),
        QStringLiteral("p999_ns"), QStringLiteral("max_ns"), QStringLiteral("mean_ns")};
    if (durations.contains(column))
        return QString::fromStdString(humanDuration(Nanos(value.toDouble())));
    if (column.endsWith(QLatin1String("_ms")))
        return QString::fromStdString(humanMillis(value.toDouble()));
    if (column == QLatin1String("bytes"))
        return QString::fromStdString(humanBytes(quint64(std::max(0.0, value.toDouble()))));
    if (integer && !column.endsWith(QLatin1String("id")) && !column.endsWith(QLatin1String("_ns")))
        return QString::fromStdString(groupedCount(value.toLongLong()));
    return integer ? value.toString() : QString::number(value.toDouble(), 'g', 10);
}

} // namespace tailscope::items
