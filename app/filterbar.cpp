// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/filterbar.h"

#include "base/text.h"
#include "session/sessioncontext.h"
#include "widgets/base/theme.h"

#include <QCompleter>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QStringListModel>
#include <QToolButton>

#include <set>

namespace tailscope::app {

namespace {

/// Completes the last word of a line instead of the whole text.
class WordCompleter final : public QCompleter
{
public:
    using QCompleter::QCompleter;
    QString pathFromIndex(const QModelIndex &index) const override
    {
        const auto *edit = qobject_cast<const QLineEdit *>(widget());
        const QString text = edit ? edit->text() : QString();
        return text.left(text.lastIndexOf(QLatin1Char(' ')) + 1) + QCompleter::pathFromIndex(index);
    }
    QStringList splitPath(const QString &path) const override
    {
        return {path.mid(path.lastIndexOf(QLatin1Char(' ')) + 1)};
    }
};

QString quotedIfNeeded(const std::string &value)
{
    const QString text = QString::fromStdString(value);
    return text.contains(QLatin1Char(' ')) || text.contains(QLatin1Char('"'))
        ? QStringLiteral("\"%1\"").arg(QString(text).replace(QLatin1Char('"'), QStringLiteral("\\\"")))
        : text;
}

} // namespace

FilterBar::FilterBar(QWidget *parent)
    : QWidget(parent)
    , m_edit(new QLineEdit(this))
    , m_range(new QToolButton(this))
    , m_clear(new QToolButton(this))
    , m_count(new QLabel(this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(6, 2, 6, 2);
    layout->addWidget(m_edit, 1);
    layout->addWidget(m_range);
    layout->addWidget(m_clear);
    layout->addWidget(m_count);
    m_edit->setPlaceholderText(
        tr("Filter: text, /regex/, service=checkout, operation~^SELECT, duration>50ms, status=error"));
    m_edit->setAccessibleName(tr("Filter"));
    m_edit->setClearButtonEnabled(true);
    m_edit->addAction(widgets::themedIcon(QStringLiteral("filter")), QLineEdit::LeadingPosition);
    m_edit->setMinimumWidth(240);
    m_range->setToolTip(tr("The chosen time range; click to show everything again"));
    m_range->setAutoRaise(true);
    m_clear->setText(tr("Show Everything"));
    m_clear->setAutoRaise(true);
    m_clear->setToolTip(tr("Remove filter and time range (undo with Alt+Left)"));
    connect(m_edit, &QLineEdit::editingFinished, this, [this] {
        if (m_context)
            m_context->setFilterText(m_edit->text());
    });
    connect(m_edit, &QLineEdit::textChanged, this, [this](const QString &text) {
        if (m_context && text.isEmpty())
            m_context->setFilterText(text);
    });
    connect(m_range, &QToolButton::clicked, this, [this] {
        if (m_context)
            m_context->setRange(std::nullopt);
    });
    connect(m_clear, &QToolButton::clicked, this, [this] {
        if (m_context)
            m_context->resetNavigation();
    });
}

void FilterBar::setContext(session::SessionContext *context)
{
    if (m_context)
        m_context->disconnect(this);
    m_context = context;
    if (context) {
        using session::SessionContext;
        connect(context, &SessionContext::filterChanged, this, &FilterBar::showState);
        connect(context, &SessionContext::filterErrorChanged, this, &FilterBar::showState);
        connect(context, &SessionContext::rangeChanged, this, &FilterBar::showState);
        connect(context, &SessionContext::historyChanged, this, &FilterBar::showState);
        connect(context, &SessionContext::dataChanged, this, &FilterBar::updateCompletions);
        updateCompletions();
    }
    showState();
}

void FilterBar::activate()
{
    m_edit->setFocus(Qt::ShortcutFocusReason);
    m_edit->selectAll();
}

void FilterBar::showState()
{
    setEnabled(!m_context.isNull());
    if (!m_context)
        return;
    const QString error = m_context->filterError();
    if (error.isEmpty() && !m_edit->hasFocus())
        m_edit->setText(m_context->filterText());
    else if (error.isEmpty() && m_edit->text().trimmed() != m_context->filterText())
        m_edit->setText(m_context->filterText());
    // Only what differs: the rest follows the palette of the application when it changes.
    QPalette colours;
    if (!error.isEmpty()) {
        const QColor critical = widgets::Theme(palette()).critical();
        colours.setColor(QPalette::Text, critical);
        colours.setColor(QPalette::WindowText, critical);
    }
    m_edit->setPalette(error.isEmpty() ? QPalette() : colours);
    m_edit->setToolTip(error);
    const auto range = m_context->range();
    m_range->setVisible(range.has_value());
    if (range)
        m_range->setText(
            QStringLiteral("⏱ %1 ✕").arg(QString::fromStdString(humanDuration(range->length()))));
    m_clear->setVisible(range.has_value() || !m_context->filterText().isEmpty());
    QString count;
    if (!error.isEmpty()) {
        count = error;
    } else if (const auto columns = m_context->columns(); columns && columns->size() > 0) {
        const QString all = QString::fromStdString(groupedCount(std::int64_t(columns->size())));
        const auto bitmap = m_context->filterBitmap();
        count = bitmap ? tr("%1 of %2 spans")
                             .arg(QString::fromStdString(groupedCount(std::int64_t(bitmap->count()))), all)
                       : tr("%1 spans").arg(all);
    }
    m_count->setPalette(error.isEmpty() ? QPalette() : colours);
    m_count->setText(count);
}

void FilterBar::updateCompletions()
{
    QStringList words{QStringLiteral("service="), QStringLiteral("operation="), QStringLiteral("operation~"),
        QStringLiteral("instance="), QStringLiteral("process="), QStringLiteral("thread="),
        QStringLiteral("status=error"), QStringLiteral("status=ok"), QStringLiteral("http=5xx"),
        QStringLiteral("kind=server"), QStringLiteral("kind=client"), QStringLiteral("duration>"),
        QStringLiteral("duration<"), QStringLiteral("self>"), QStringLiteral("depth=0")};
    if (const auto columns = m_context ? m_context->columns() : nullptr) {
        std::set<std::string> services;
        for (const analysis::TrackInfo &track : columns->tracks) {
            if (!track.service.empty() && services.size() < 500)
                services.insert(track.service);
        }
        for (const std::string &service : services)
            words << QStringLiteral("service=") + quotedIfNeeded(service);
        for (std::size_t i = 0; i < std::min<std::size_t>(columns->operations.size(), 2000); ++i)
            words << QStringLiteral("operation=") + quotedIfNeeded(columns->operations[i]);
    }
    auto *completer = new WordCompleter(words, this);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    completer->setFilterMode(Qt::MatchContains);
    delete m_edit->completer();
    m_edit->setCompleter(completer);
    showState();
}

} // namespace tailscope::app
