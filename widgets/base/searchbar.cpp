// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/base/searchbar.h"

#include "widgets/base/theme.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QShortcut>
#include <QToolButton>

namespace tailscope::widgets {

SearchBar::SearchBar(QWidget *parent)
    : QWidget(parent)
    , m_edit(new QLineEdit(this))
    , m_regex(new QToolButton(this))
    , m_result(new QLabel(this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(4, 2, 4, 2);
    m_edit->setPlaceholderText(tr("Search"));
    m_edit->setClearButtonEnabled(true);
    m_edit->setAccessibleName(tr("Search"));
    m_edit->setMaximumWidth(320);
    m_regex->setText(QStringLiteral(".*"));
    m_regex->setCheckable(true);
    m_regex->setToolTip(tr("Regular expression"));
    m_regex->setAccessibleName(tr("Regular expression"));
    const auto button = [this, layout](const QString &text, const QString &tip) {
        auto *tool = new QToolButton(this);
        tool->setText(text);
        tool->setToolTip(tip);
        tool->setAccessibleName(tip);
        tool->setAutoRaise(true);
        layout->addWidget(tool);
        return tool;
    };
    layout->addWidget(m_edit);
    layout->addWidget(m_regex);
    QToolButton *previous = button(QStringLiteral("▲"), tr("Previous match (Shift+Enter)"));
    QToolButton *next = button(QStringLiteral("▼"), tr("Next match (Enter)"));
    layout->addWidget(m_result, 1);
    QToolButton *close = button(QStringLiteral("✕"), tr("Close search (Esc)"));
    connect(m_edit, &QLineEdit::textChanged, this, [this] {
        const bool valid = !isRegularExpression() || QRegularExpression(m_edit->text()).isValid();
        QPalette colours = palette();
        if (!valid)
            colours.setColor(QPalette::Text, Theme(palette()).critical());
        m_edit->setPalette(colours);
        m_edit->setToolTip(valid ? QString() : QRegularExpression(m_edit->text()).errorString());
        Q_EMIT changed();
    });
    connect(m_regex, &QToolButton::toggled, m_edit, [this] { Q_EMIT m_edit->textChanged(m_edit->text()); });
    connect(next, &QToolButton::clicked, this, &SearchBar::nextRequested);
    connect(previous, &QToolButton::clicked, this, &SearchBar::previousRequested);
    connect(m_edit, &QLineEdit::returnPressed, this, &SearchBar::nextRequested);
    auto *back = new QShortcut(QKeySequence(Qt::SHIFT | Qt::Key_Return), m_edit, nullptr, nullptr,
        Qt::WidgetShortcut);
    connect(back, &QShortcut::activated, this, &SearchBar::previousRequested);
    const auto dismiss = [this] {
        m_edit->clear();
        hide();
        Q_EMIT closed();
    };
    auto *escape
        = new QShortcut(QKeySequence(Qt::Key_Escape), this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
    connect(escape, &QShortcut::activated, this, dismiss);
    connect(close, &QToolButton::clicked, this, dismiss);
    setFocusProxy(m_edit);
}

QString SearchBar::text() const { return m_edit->text(); }

bool SearchBar::isRegularExpression() const { return m_regex->isChecked(); }

QRegularExpression SearchBar::expression() const
{
    const QString pattern
        = isRegularExpression() ? m_edit->text() : QRegularExpression::escape(m_edit->text());
    return QRegularExpression(pattern, QRegularExpression::CaseInsensitiveOption);
}

void SearchBar::setResultText(const QString &text) { m_result->setText(text); }

void SearchBar::activate()
{
    show();
    m_edit->setFocus(Qt::ShortcutFocusReason);
    m_edit->selectAll();
}

} // namespace tailscope::widgets
