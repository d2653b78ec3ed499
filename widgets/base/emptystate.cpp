// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/base/emptystate.h"

#include "widgets/base/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace tailscope::widgets {

EmptyState::EmptyState(QWidget *parent)
    : QWidget(parent)
    , m_icon(new QLabel(this))
    , m_title(new QLabel(this))
    , m_advice(new QLabel(this))
    , m_button(new QPushButton(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 24, 24, 24);
    layout->setSpacing(8);
    layout->addStretch();
    layout->addWidget(m_icon, 0, Qt::AlignHCenter);
    layout->addWidget(m_title);
    layout->addWidget(m_advice);
    layout->addWidget(m_button, 0, Qt::AlignHCenter);
    layout->addStretch();
    QFont font = m_title->font();
    font.setPointSizeF(font.pointSizeF() * 1.2);
    font.setBold(true);
    m_title->setFont(font);
    for (QLabel *label : {m_title, m_advice}) {
        label->setAlignment(Qt::AlignHCenter);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    m_button->hide();
    connect(m_button, &QPushButton::clicked, this, &EmptyState::buttonClicked);
}

void EmptyState::setContent(const QString &iconName, const QString &title, const QString &advice,
    const QString &buttonText)
{
    m_icon->setPixmap(themedIcon(iconName).pixmap(QSize(40, 40)));
    m_title->setText(title);
    m_advice->setText(advice);
    m_button->setText(buttonText);
    m_button->setVisible(!buttonText.isEmpty());
    setAccessibleName(title);
    setAccessibleDescription(advice);
}

Banner::Banner(QWidget *parent)
    : QWidget(parent)
    , m_icon(new QLabel(this))
    , m_text(new QLabel(this))
    , m_action(new QPushButton(this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 4, 8, 4);
    auto *close = new QToolButton(this);
    close->setText(QStringLiteral("✕"));
    close->setAutoRaise(true);
    close->setToolTip(tr("Dismiss"));
    close->setAccessibleName(tr("Dismiss"));
    connect(close, &QToolButton::clicked, this, &Banner::clear);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    layout->addWidget(m_icon);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_action);
    layout->addWidget(close);
    connect(m_action, &QPushButton::clicked, this, &Banner::actionClicked);
    setAutoFillBackground(true);
    hide();
}

void Banner::show(Level level, const QString &text, const QString &actionText)
{
    const Theme theme(palette());
    const char *icon = level == Level::Critical ? "critical" : level == Level::Warning ? "warning" : "info";
    m_icon->setPixmap(themedIcon(QString::fromLatin1(icon)).pixmap(QSize(18, 18)));
    m_text->setText(text);
    m_action->setText(actionText);
    m_action->setVisible(!actionText.isEmpty());
    QColor tone = level == Level::Critical ? theme.critical()
        : level == Level::Warning          ? theme.warning()
                                           : theme.info();
    tone.setAlpha(46);
    QPalette tinted = palette();
    tinted.setColor(QPalette::Window, tone);
    setPalette(tinted);
    setAccessibleName(text);
    QWidget::show();
}

void Banner::clear() { hide(); }

} // namespace tailscope::widgets
