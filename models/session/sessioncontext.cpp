// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "session/sessioncontext.h"

#include "base/text.h"

#include <QDateTime>
#include <QTimeZone>

#include <set>

namespace tailscope::session {

namespace {

constexpr std::size_t kMaxHistory = 200;

QString quoted(const std::string &text)
{
    return QStringLiteral("'") + QString::fromStdString(text).replace(QLatin1Char('\''), QStringLiteral("''"))
        + QStringLiteral("'");
}

/// The bound values written into the condition: ?1, ?2... from the highest down, so ?1 never eats ?12.
QString withLiterals(const analysis::Filter::Sql &sql)
{
    QString text = QString::fromStdString(sql.condition);
    for (std::size_t i = sql.texts.size(); i > 0; --i)
        text.replace(QStringLiteral("?%1").arg(i), quoted(sql.texts[i - 1]));
    return text;
}

} // namespace

SessionContext::SessionContext(JobQueue *jobs, QObject *parent)
    : QObject(parent)
    , m_jobs(jobs)
    , m_filterJob(jobs)
{}

void SessionContext::setColumns(std::shared_ptr<const analysis::SpanColumns> columns,
    std::shared_ptr<const analysis::LanePyramid> pyramid)
{
    m_columns = std::move(columns);
    m_pyramid = std::move(pyramid);
    m_bitmap.reset();
    ++m_filterGeneration;
    if (!m_filter.isEmpty())
        evaluate();
    Q_EMIT dataChanged();
}

void SessionContext::setOverview(std::shared_ptr<const analysis::OverviewPyramid> overview)
{
    m_overview = std::move(overview);
    Q_EMIT dataChanged();
}

void SessionContext::setFullRange(TimeRange range)
{
    if (m_fullRange == range)
        return;
    m_fullRange = range;
    Q_EMIT dataChanged();
}

void SessionContext::setAbsoluteTime(bool absolute)
{
    if (m_absolute == absolute)
        return;
    m_absolute = absolute;
    Q_EMIT timeDisplayChanged();
}

void SessionContext::setRange(std::optional<TimeRange> range)
{
    if (range && range->isEmpty())
        range.reset();
    if (m_state.range == range)
        return;
    m_state.range = range;
    remember();
    Q_EMIT rangeChanged();
}

void SessionContext::setFilterText(const QString &text)
{
    const QString wanted = text.trimmed();
    Result<analysis::Filter> parsed = analysis::parseFilter(wanted.toStdString());
    if (!parsed) {
        m_filterError = QString::fromStdString(parsed.error().toText());
        Q_EMIT filterErrorChanged();
        return;
    }
    if (!m_filterError.isEmpty()) {
        m_filterError.clear();
        Q_EMIT filterErrorChanged();
    }
    if (wanted == m_state.filterText)
        return;
    m_state.filterText = wanted;
    m_filter = std::move(*parsed);
    remember();
    evaluate();
}

void SessionContext::narrow(const QString &terms)
{
    Result<analysis::Filter> added = analysis::parseFilter(terms.toStdString());
    if (!added) {
        m_filterError = QString::fromStdString(added.error().toText());
        Q_EMIT filterErrorChanged();
        return;
    }
    std::set<analysis::FilterTerm::Field> replaced;
    for (const analysis::FilterTerm &term : added->terms)
        replaced.insert(term.field);
    analysis::Filter merged;
    for (const analysis::FilterTerm &term : m_filter.terms) {
        if (!replaced.contains(term.field))
            merged.terms.push_back(term);
    }
    merged.terms.insert(merged.terms.end(), added->terms.begin(), added->terms.end());
    setFilterText(QString::fromStdString(merged.toText()));
}

void SessionContext::setSelection(const Selection &selection)
{
    if (m_state.selection == selection)
        return;
    m_state.selection = selection;
    remember();
    Q_EMIT selectionChanged();
}

void SessionContext::setBaseline(const std::optional<Baseline> &baseline)
{
    if (m_state.baseline == baseline)
        return;
    m_state.baseline = baseline;
    remember();
    Q_EMIT baselineChanged();
}

void SessionContext::setCohort(const Cohort &cohort)
{
    if (m_state.cohort == cohort)
        return;
    m_state.cohort = cohort;
    remember();
    Q_EMIT cohortChanged();
}

analysis::SpanSelection SessionContext::spanSelection() const
{
    analysis::SpanSelection selection;
    selection.range = m_state.range;
    selection.filter = m_bitmap;
    return selection;
}

QString SessionContext::whereSql() const
{
    QStringList parts;
    if (m_state.range) {
        parts << QStringLiteral("start_ns >= %1").arg(m_state.range->begin)
              << QStringLiteral("start_ns < %1").arg(m_state.range->end);
    }
    const analysis::Filter::Sql sql = m_filter.toSql();
    if (!sql.condition.empty())
        parts << withLiterals(sql);
    return parts.isEmpty() ? QStringLiteral("1") : parts.join(QStringLiteral(" AND "));
}

void SessionContext::undo()
{
    if (!canUndo())
        return;
    --m_position;
    apply(m_history[m_position]);
}

void SessionContext::redo()
{
    if (!canRedo())
        return;
    ++m_position;
    apply(m_history[m_position]);
}

void SessionContext::resetNavigation()
{
    if (!m_state.range && m_state.filterText.isEmpty())
        return;
    State next;
    next.selection = m_state.selection;
    // What is compared is a question of its own, not a part of what is visible.
    next.baseline = m_state.baseline;
    next.cohort = m_state.cohort;
    apply(next);
    remember();
}

void SessionContext::remember()
{
    if (m_history[m_position] == m_state)
        return;
    // Steps of the selection alone replace each other: undo goes through places, not through every click.
    State last = m_history[m_position];
    last.selection = m_state.selection;
    if (last == m_state && m_position > 0 && m_position + 1 == m_history.size()) {
        m_history[m_position] = m_state;
        return;
    }
    m_history.resize(m_position + 1);
    m_history.push_back(m_state);
    if (m_history.size() > kMaxHistory)
        m_history.erase(m_history.begin());
    m_position = m_history.size() - 1;
    Q_EMIT historyChanged();
}

void SessionContext::apply(const State &state)
{
    const State before = m_state;
    m_state = state;
    if (before.filterText != state.filterText) {
        Result<analysis::Filter> parsed = analysis::parseFilter(state.filterText.toStdString());
        m_filter = parsed ? std::move(*parsed) : analysis::Filter{};
        m_filterError.clear();
        Q_EMIT filterErrorChanged();
        evaluate();
    }
    if (before.range != state.range)
        Q_EMIT rangeChanged();
    if (!(before.selection == state.selection))
        Q_EMIT selectionChanged();
    if (before.baseline != state.baseline)
        Q_EMIT baselineChanged();
    if (before.cohort != state.cohort)
        Q_EMIT cohortChanged();
    Q_EMIT historyChanged();
}

void SessionContext::evaluate()
{
    if (!m_columns || m_filter.isEmpty()) {
        m_filterJob.cancel();
        m_bitmap.reset();
        ++m_filterGeneration;
        Q_EMIT filterChanged();
        return;
    }
    using Bitmap = std::shared_ptr<const analysis::SpanBitmap>;
    const auto columns = m_columns;
    const analysis::Filter filter = m_filter;
    m_filterJob.start<Bitmap>(
        this, {},
        [columns, filter](
            const Progress &progress) { return analysis::evaluateFilter(*columns, filter, progress); },
        [this, columns](Result<Bitmap> bitmap) {
            if (columns != m_columns)
                return;
            if (!bitmap) {
                m_filterError = QString::fromStdString(bitmap.error().toText());
                Q_EMIT filterErrorChanged();
                return;
            }
            m_bitmap = std::move(*bitmap);
            ++m_filterGeneration;
            Q_EMIT filterChanged();
        });
}

void SessionContext::setLocalTime(bool local)
{
    if (m_localTime == local)
        return;
    m_localTime = local;
    Q_EMIT timeDisplayChanged();
}

QString SessionContext::timeText(Nanos ns) const
{
    if (ns == kUnknownNanos)
        return QStringLiteral("unknown");
    if (!m_absolute) {
        const Nanos relative = saturatingSub(ns, m_fullRange.begin);
        return QStringLiteral("+%1 s").arg(double(relative) / double(kNanosPerSecond), 0, 'f', 9);
    }
    if (!m_localTime)
        return QString::fromStdString(utcTimestamp(ns)).replace(QLatin1Char('Z'), QStringLiteral(" UTC"));
    Nanos ms = ns / kNanosPerMilli;
    Nanos rest = ns % kNanosPerMilli;
    if (rest < 0) {
        rest += kNanosPerMilli;
        --ms;
    }
    const QDateTime local = QDateTime::fromMSecsSinceEpoch(ms).toLocalTime();
    return local.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz"))
        + QStringLiteral("%1 ").arg(rest, 6, 10, QLatin1Char('0')) + local.timeZoneAbbreviation();
}

} // namespace tailscope::session
