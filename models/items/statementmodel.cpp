// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/statementmodel.h"

#include "base/text.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tailscope::items {

namespace {

constexpr double kParetoShare = 0.8; // rule stmt-pareto
constexpr qint64 kFewCalls = 100; // below it the nearest-rank P99 is the maximum

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }

QString count(double n) { return fromUtf8(groupedCount(std::llround(n))); }

QString percent(double share)
{
    return QStringLiteral("%1 %").arg(QString::number(share * 100, 'f', share >= 0.0995 ? 1 : 2));
}

QString millis(double ms) { return fromUtf8(humanMillis(ms)); }

/// Index statements want attention first, those to call less often next.
int levelOf(const QString &verdict)
{
    if (verdict == QLatin1String("index"))
        return 2;
    return verdict == QLatin1String("batch") || verdict == QLatin1String("cache") ? 1 : 0;
}

} // namespace

StatementModel::StatementModel(session::Session *session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_job(session->jobs())
{
    // Derived tables are new whenever a load ended, also when no span came with it.
    connect(session, &session::Session::loaded, this, &StatementModel::invalidate);
    connect(session->context(), &session::SessionContext::dataChanged, this, &StatementModel::invalidate);
}

void StatementModel::setActive(bool active)
{
    m_active = active;
    refresh();
}

void StatementModel::invalidate()
{
    m_stale = true;
    refresh();
}

void StatementModel::refresh()
{
    if (!m_active || !m_stale) {
        Q_EMIT busyChanged();
        return;
    }
    m_stale = false;
    using Loaded = std::shared_ptr<const Content>;
    m_job.start<Loaded>(
        this, {},
        [workspace = m_session->workspacePtr()](
            const Progress &progress) { return read(*workspace, progress); },
        [this](Result<Loaded> done) {
            m_error = done ? QString() : fromUtf8(done.error().toText());
            if (done)
                adopt(std::move(*done));
            else
                Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

Result<std::shared_ptr<const StatementModel::Content>> StatementModel::read(const store::Workspace &workspace,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    Result<store::Statement> rows = reader->prepare(
        "SELECT x.statement_id, ifnull(s.normalized, s.text), s.text, s.fingerprint, x.verdict, x.reason, "
        "x.calls,"
        " x.total_ms, x.share, x.mean_ms, x.p50_ms, x.p99_ms, x.max_ms, x.rows, x.shared_hit, x.shared_read,"
        " x.temp_written, x.wal_bytes, x.plans, x.first_ns, x.last_ns"
        " FROM statement_stat AS x JOIN statement AS s ON s.id = x.statement_id WHERE x.origin = ?1"
        " ORDER BY x.total_ms DESC, x.calls DESC, s.fingerprint");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    auto content = std::make_shared<Content>();
    for (int origin = 0; origin < OriginCount; ++origin) {
        const std::string id = originId(Origin(origin)).toStdString();
        rows->bind(0, id);
        std::vector<StatementItem> &items = content->items[std::size_t(origin)];
        double cumulative = 0;
        for (;;) {
            const Result<bool> row = rows->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                break;
            if (items.size() >= std::size_t(kMaxRows)) {
                content->truncated[std::size_t(origin)] = true;
                break;
            }
            StatementItem item;
            item.id = rows->integer(0);
            item.text = fromUtf8(rows->text(1));
            item.firstText = fromUtf8(rows->text(2));
            item.fingerprint = fromUtf8(rows->text(3));
            item.verdict = fromUtf8(rows->text(4));
            item.reason = fromUtf8(rows->text(5));
            item.calls = rows->integer(6);
            item.totalMs = rows->optionalReal(7).value_or(0);
            item.share = rows->optionalReal(8).value_or(0);
            item.cumulative = cumulative += item.share;
            std::optional<double> *const figures[]{&item.meanMs, &item.p50Ms, &item.p99Ms, &item.maxMs,
                &item.rows, &item.sharedHit, &item.sharedRead, &item.tempWritten, &item.walBytes};
            for (int i = 0; i < int(std::size(figures)); ++i)
                *figures[i] = rows->optionalReal(9 + i);
            item.plans = rows->integer(18);
            item.firstNs = rows->optionalInteger(19);
            item.lastNs = rows->optionalInteger(20);
            items.push_back(std::move(item));
        }
        rows->reset();
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, "statements", "cancelled");
    }
    return std::shared_ptr<const Content>(std::move(content));
}

void StatementModel::adopt(std::shared_ptr<const Content> content)
{
    beginResetModel();
    m_content = std::move(content);
    if (!m_originChosen) {
        for (int origin = OriginCount - 1; origin >= 0; --origin) {
            if (!m_content->items[std::size_t(origin)].empty())
                m_origin = Origin(origin);
        }
    }
    choose();
    endResetModel();
    Q_EMIT changed();
}

const std::vector<StatementItem> &StatementModel::items() const
{
    static const std::vector<StatementItem> none;
    return m_content ? m_content->items[m_origin] : none;
}

void StatementModel::setOrigin(Origin origin)
{
    m_originChosen = true;
    if (m_origin == origin)
        return;
    beginResetModel();
    m_origin = origin;
    choose();
    endResetModel();
    Q_EMIT changed();
}

QString StatementModel::originId(Origin origin)
{
    return origin == Statistics ? QStringLiteral("stat")
        : origin == Log         ? QStringLiteral("log")
                                : QStringLiteral("span");
}

bool StatementModel::isTruncated() const { return m_content && m_content->truncated[m_origin]; }

int StatementModel::statements(Origin origin) const
{
    return m_content ? int(m_content->items[origin].size()) : 0;
}

qint64 StatementModel::calls() const
{
    return std::accumulate(items().begin(), items().end(), qint64{0},
        [](qint64 sum, const StatementItem &item) { return sum + item.calls; });
}

double StatementModel::totalMs() const
{
    return std::accumulate(items().begin(), items().end(), 0.0,
        [](double sum, const StatementItem &item) { return sum + item.totalMs; });
}

std::optional<std::pair<Nanos, Nanos>> StatementModel::times() const
{
    std::optional<std::pair<Nanos, Nanos>> found;
    for (const StatementItem &item : items()) {
        if (!item.firstNs || !item.lastNs)
            continue;
        found = found
            ? std::pair(std::min(found->first, *item.firstNs), std::max(found->second, *item.lastNs))
            : std::pair(*item.firstNs, *item.lastNs);
    }
    return found;
}

int StatementModel::paretoCount() const
{
    const auto reached = std::find_if(items().begin(), items().end(),
        [](const StatementItem &item) { return item.cumulative >= kParetoShare; });
    return reached == items().end() ? int(items().size()) : int(reached - items().begin()) + 1;
}

void StatementModel::setSearch(const QString &words)
{
    const QStringList list = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    if (list == m_words)
        return;
    beginResetModel();
    m_words = list;
    choose();
    endResetModel();
    Q_EMIT changed();
}

void StatementModel::choose()
{
    m_rows.clear();
    for (int i = 0; i < int(items().size()); ++i) {
        const StatementItem &item = items()[std::size_t(i)];
        const bool passes = std::all_of(m_words.begin(), m_words.end(), [&](const QString &word) {
            return item.text.contains(word, Qt::CaseInsensitive) || item.verdict == word;
        });
        if (passes)
            m_rows.push_back(i);
    }
    applyOrder();
}

std::optional<double> StatementModel::number(const StatementItem &item, int column)
{
    switch (column) {
    case Calls:
        return double(item.calls);
    case Total:
        return item.totalMs;
    case Share:
        return item.share;
    case Cumulative:
        return item.cumulative;
    case Mean:
        return item.meanMs;
    case P99:
        return item.p99Ms;
    case Rows:
        return item.rows;
    case RowsPerCall:
        return item.rows && item.calls > 0 ? std::optional(*item.rows / double(item.calls)) : std::nullopt;
    case BlocksRead:
        return item.sharedRead;
    case BlocksHit:
        return item.sharedHit;
    case TempWritten:
        return item.tempWritten;
    case Wal:
        return item.walBytes;
    case Plans:
        return double(item.plans);
    default:
        return std::nullopt;
    }
}

void StatementModel::applyOrder()
{
    const bool ascending = m_sortOrder == Qt::AscendingOrder;
    std::stable_sort(m_rows.begin(), m_rows.end(), [&](int a, int b) {
        const StatementItem &x = items()[std::size_t(a)], &y = items()[std::size_t(b)];
        if (m_sortColumn == Text || m_sortColumn == Verdict) {
            const int order = m_sortColumn == Text ? x.text.compare(y.text, Qt::CaseInsensitive)
                                                   : x.verdict.compare(y.verdict);
            return ascending ? order < 0 : order > 0;
        }
        const auto left = number(x, m_sortColumn), right = number(y, m_sortColumn);
        if (!left || !right)
            return left.has_value() && !right; // the unknown come last either way
        return ascending ? *left < *right : *left > *right;
    });
}

void StatementModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= ColumnCount)
        return;
    Q_EMIT layoutAboutToBeChanged();
    const QModelIndexList before = persistentIndexList();
    QList<int> places;
    for (const QModelIndex &index : before)
        places << m_rows[std::size_t(index.row())];
    m_sortColumn = column;
    m_sortOrder = order;
    std::sort(m_rows.begin(), m_rows.end());
    applyOrder();
    QModelIndexList after;
    for (int i = 0; i < before.size(); ++i) {
        const auto at = std::find(m_rows.begin(), m_rows.end(), places.at(i));
        after << createIndex(int(at - m_rows.begin()), before.at(i).column());
    }
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged();
}

const StatementItem *StatementModel::item(int row) const
{
    return row >= 0 && row < int(m_rows.size()) ? &items()[std::size_t(m_rows[std::size_t(row)])] : nullptr;
}

int StatementModel::rowOf(qint64 statement) const
{
    for (int row = 0; row < int(m_rows.size()); ++row) {
        if (item(row)->id == statement)
            return row;
    }
    return -1;
}

std::optional<StatementModel::Origin> StatementModel::originOf(qint64 statement) const
{
    if (!m_content)
        return std::nullopt;
    const auto has = [&](int origin) {
        const std::vector<StatementItem> &items = m_content->items[std::size_t(origin)];
        return std::any_of(items.begin(), items.end(),
            [&](const StatementItem &one) { return one.id == statement; });
    };
    if (has(m_origin))
        return m_origin;
    for (int origin = 0; origin < OriginCount; ++origin) {
        if (has(origin))
            return Origin(origin);
    }
    return std::nullopt;
}

int StatementModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int StatementModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QString StatementModel::text(const StatementItem &item, int column) const
{
    if (column == Text)
        return item.text.left(1000).simplified();
    if (column == Verdict)
        return item.verdict;
    const auto value = number(item, column);
    if (!value)
        return QStringLiteral("–");
    switch (column) {
    case Total:
    case Mean:
    case P99:
        return millis(*value);
    case Share:
    case Cumulative:
        return percent(*value);
    case RowsPerCall:
        return *value < 100 ? QString::number(*value, 'g', 3) : count(*value);
    case Wal:
        return fromUtf8(humanBytes(std::uint64_t(std::max(0.0, *value))));
    default:
        return count(*value);
    }
}

QString StatementModel::toolTip(const StatementItem &item, int column) const
{
    switch (column) {
    case Text:
        return item.text.left(2000);
    case Verdict:
        return item.reason;
    case P99:
        if (!item.p99Ms)
            return QStringLiteral("pg_stat_statements has no percentiles: import a server log or traces");
        return QStringLiteral("P50 %1 ms, P99 %2 ms, maximum %3 ms: nearest rank of %4 executions%5")
            .arg(item.p50Ms.value_or(0), 0, 'g', 9)
            .arg(*item.p99Ms, 0, 'g', 9)
            .arg(item.maxMs.value_or(0), 0, 'g', 9)
            .arg(count(double(item.calls)),
                item.calls < kFewCalls ? QStringLiteral("; with fewer than 100 P99 is the maximum")
                                       : QString());
    case BlocksRead:
    case BlocksHit:
    case TempWritten:
        if (const auto blocks = number(item, column))
            return QStringLiteral("%1 blocks of 8 KiB: %2; %3 a call")
                .arg(count(*blocks), fromUtf8(humanBytes(std::uint64_t(std::max(0.0, *blocks) * 8192))))
                .arg(item.calls > 0 ? *blocks / double(item.calls) : 0, 0, 'g', 4);
        break;
    default:
        break;
    }
    const auto value = number(item, column);
    if (!value)
        return QStringLiteral("Not known from this origin");
    return QString::number(*value, 'g', 12)
        + (column == Total || column == Mean ? QStringLiteral(" ms") : QString());
}

QVariant StatementModel::data(const QModelIndex &index, int role) const
{
    const StatementItem *one = index.isValid() ? item(index.row()) : nullptr;
    if (!one)
        return {};
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return text(*one, column);
    case Qt::ToolTipRole:
        return toolTip(*one, column);
    case Qt::TextAlignmentRole:
        return column == Text || column == Verdict ? QVariant() : int(Qt::AlignRight | Qt::AlignVCenter);
    case BarRole:
        if (column == Share || column == Cumulative)
            return std::min(1.0, column == Share ? one->share : one->cumulative);
        return {};
    case LevelRole:
        return column == Verdict ? levelOf(one->verdict) : 0;
    default:
        return {};
    }
}

QVariant StatementModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const std::array<std::pair<QString, QString>, ColumnCount> kTitles{{
        {QStringLiteral("Statement"), QStringLiteral("The statement without its values")},
        {QStringLiteral("Calls"), QStringLiteral("Executions seen")},
        {QStringLiteral("Total"), QStringLiteral("Time of all executions")},
        {QStringLiteral("Share"), QStringLiteral("Of the time of all statements of this origin")},
        {QStringLiteral("Cumulative"),
            QStringLiteral("Share of this and of all statements that take more time")},
        {QStringLiteral("Mean"), QStringLiteral("Total / calls")},
        {QStringLiteral("P99"), QStringLiteral("Nearest rank over the executions; counters have none")},
        {QStringLiteral("Rows"), QStringLiteral("Returned or changed, of all executions")},
        {QStringLiteral("Rows/call"), QStringLiteral("Rows / calls")},
        {QStringLiteral("Read"), QStringLiteral("Shared blocks read from outside the buffers")},
        {QStringLiteral("Hit"), QStringLiteral("Shared blocks found in the buffers")},
        {QStringLiteral("Temp"),
            QStringLiteral("Temporary blocks written: sorts and hashes that did not fit")},
        {QStringLiteral("WAL"), QStringLiteral("Write-ahead log made")},
        {QStringLiteral("Plans"), QStringLiteral("Captured plans of it in this workspace")},
        {QStringLiteral("Verdict"),
            QStringLiteral(
                "index: reads far more than it returns. batch: many cheap calls. cache: few questions "
                "asked often, seldom changed. leave: nothing to gain. unknown: more evidence is needed")},
    }};
    const auto &[title, tip] = kTitles[std::size_t(section)];
    if (role == Qt::DisplayRole)
        return title;
    return role == Qt::ToolTipRole ? QVariant(tip) : QVariant();
}

} // namespace tailscope::items
