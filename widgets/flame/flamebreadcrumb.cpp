// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flamebreadcrumb.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

#include <algorithm>

namespace tailscope::widgets {

namespace {

constexpr int kWidestStep = 220;
constexpr int kPadding = 14;

} // namespace

FlameBreadcrumb::FlameBreadcrumb(QWidget *parent)
    : QWidget(parent)
    , m_layout(new QHBoxLayout(this))
{
    m_layout->setContentsMargins(4, 0, 4, 0);
    m_layout->setSpacing(2);
    m_layout->addStretch();
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    setAccessibleName(tr("Zoom path"));
}

void FlameBreadcrumb::setPath(std::vector<Step> path)
{
    m_path = std::move(path);
    rebuild();
}

QSize FlameBreadcrumb::minimumSizeHint() const { return {60, fontMetrics().height() + 8}; }

void FlameBreadcrumb::resizeEvent(QResizeEvent *)
{
    if (m_builtWidth != width())
        rebuild();
}

void FlameBreadcrumb::addButton(const Step &step, int width)
{
    auto *button = new QToolButton(this);
    // A name may hold an ampersand, which a button would take for a mnemonic.
    QString text = fontMetrics().elidedText(step.name, Qt::ElideMiddle, width - kPadding + 4);
    button->setText(text.replace(QLatin1Char('&'), QStringLiteral("&&")));
    button->setToolTip(step.name.toHtmlEscaped());
    button->setAccessibleName(tr("Zoom to %1").arg(step.name));
    button->setAutoRaise(true);
    button->setFixedWidth(width);
    connect(button, &QToolButton::clicked, this, [this, id = step.id] { Q_EMIT stepClicked(id); });
    m_layout->insertWidget(m_layout->count() - 1, button);
}

void FlameBreadcrumb::rebuild()
{
    m_builtWidth = width();
    while (m_layout->count() > 1) {
        QLayoutItem *item = m_layout->takeAt(0);
        // The click that leads here may still be inside the button.
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    if (m_path.empty())
        return;
    const QString separator = QStringLiteral("›");
    const int between = fontMetrics().horizontalAdvance(separator) + 6;
    const auto widthOf = [this](const Step &step) {
        return std::min(kWidestStep, fontMetrics().horizontalAdvance(step.name) + kPadding);
    };
    const auto label = [this](const QString &text) {
        m_layout->insertWidget(m_layout->count() - 1, new QLabel(text, this));
    };
    // The first and as many of the last as fit.
    const int ellipsis = fontMetrics().horizontalAdvance(QStringLiteral("…")) + 2 * between;
    int room = width() - 10 - widthOf(m_path.front()) - ellipsis;
    std::size_t first = m_path.size();
    while (first > 1) {
        const int needed = widthOf(m_path[first - 1]) + between;
        if (needed > room && first < m_path.size())
            break;
        room -= needed;
        --first;
    }
    addButton(m_path.front(), widthOf(m_path.front()));
    if (first > 1) {
        label(separator);
        label(QStringLiteral("…"));
    }
    for (std::size_t i = first; i < m_path.size(); ++i) {
        label(separator);
        const int left
            = i + 1 == m_path.size() && i == first ? std::max(40, room + widthOf(m_path[i])) : kWidestStep;
        addButton(m_path[i], std::min(left, widthOf(m_path[i])));
    }
}

} // namespace tailscope::widgets
