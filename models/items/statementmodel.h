// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

#include <QAbstractTableModel>
#include <QString>

#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tailscope::items {

/// One row of statement_stat with its texts.
struct StatementItem
{
    qint64 id = 0; ///< statement.id
    QString text, firstText; ///< without its values; as it was first seen
    QString fingerprint, verdict, reason;
    qint64 calls = 0;
    double totalMs = 0;
    double share = 0, cumulative = 0; ///< of all time of the origin; the sum down to it by time
    std::optional<double> meanMs, p50Ms, p99Ms, maxMs, rows, sharedHit, sharedRead, tempWritten, walBytes;
    qint64 plans = 0;
    std::optional<Nanos> firstNs, lastNs;
};

/// Statements of one origin by the time they take, searched and sorted, with shares of all (a Pareto). Read
/// by a job whenever data change. GUI thread.
class StatementModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    static constexpr int kMaxRows = 100'000; ///< of each origin; the rest is told by isTruncated()
    enum Origin { Statistics, Log, Spans, OriginCount };
    enum Column {
        Text,
        Calls,
        Total,
        Share,
        Cumulative,
        Mean,
        P99,
        Rows,
        RowsPerCall,
        BlocksRead,
        BlocksHit,
        TempWritten,
        Wal,
        Plans,
        Verdict,
        ColumnCount
    };
    enum Role { BarRole = Qt::UserRole, LevelRole };

    explicit StatementModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< reading waits while nobody looks
    bool isBusy() const { return m_job.isRunning() || (m_active && m_stale); }
    bool isLoaded() const { return m_content != nullptr; }
    bool isTruncated() const;
    QString error() const { return m_error; }

    /// The origin shown; one that has statements is chosen when the data come, unless the user chose.
    Origin origin() const { return m_origin; }
    void setOrigin(Origin origin);
    static QString originId(Origin origin); ///< as in statement_stat.origin
    int statements(Origin origin) const;
    qint64 calls() const; ///< of the origin
    double totalMs() const;
    /// First and last time of the evidence; nullopt = it has none.
    std::optional<std::pair<Nanos, Nanos>> times() const;
    /// Fewest statements that carry 80 % of the time (formulas.md FE-19).
    int paretoCount() const;

    /// Rows whose text has all these words; a verdict is a word too.
    void setSearch(const QString &words);
    const StatementItem *item(int row) const; ///< nullptr outside
    int rowOf(qint64 statement) const; ///< -1 when absent
    /// The origin shown when it has the statement, else the first that has it, whatever the search.
    std::optional<Origin> originOf(qint64 statement) const;

    QString sql() const; ///< the rows shown
    QString plansSql(qint64 statement) const; ///< plans of it, by its text and by its query id
    QString tagsSql() const; ///< who runs the statements of the origin
    QString spansSql(qint64 statement) const; ///< spans with it
    QString toText(QChar separator, const QList<int> &rows) const; ///< exact, header first; CSV with ','

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

Q_SIGNALS:
    void changed();
    void busyChanged();

private:
    struct Content
    {
        std::array<std::vector<StatementItem>, OriginCount> items; ///< by time, the most first
        std::array<bool, OriginCount> truncated{};
    };
    static Result<std::shared_ptr<const Content>> read(const store::Workspace &workspace,
        const Progress &progress);
    const std::vector<StatementItem> &items() const;
    void invalidate();
    void refresh();
    void adopt(std::shared_ptr<const Content> content);
    void choose(); ///< rows that pass the search, in order
    void applyOrder();
    QString text(const StatementItem &item, int column) const;
    QString toolTip(const StatementItem &item, int column) const;
    static std::optional<double> number(const StatementItem &item, int column);

    session::Session *m_session;
    session::LatestJob m_job;
    std::shared_ptr<const Content> m_content;
    std::vector<int> m_rows; ///< places in items()
    QStringList m_words;
    QString m_error;
    Origin m_origin = Statistics;
    bool m_originChosen = false;
    int m_sortColumn = Total;
    Qt::SortOrder m_sortOrder = Qt::DescendingOrder;
    bool m_active = false, m_stale = true;
};

} // namespace tailscope::items
