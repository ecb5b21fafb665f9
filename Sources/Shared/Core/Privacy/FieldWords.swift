/// The words of which names of fields are made: those of the providers' documented resources, and what shops
/// commonly add.
///
/// A report shows a key that no policy lists only when it consists of these, so that a key that is data, such
/// as a person's name, is never shown. Words that are first names too are left out.
enum FieldWords {
    private static let all = Set(
        """
        abandoned accept acceptance accepts access account accounts ach action active activity additional
        additions address adjustment adjustments admin advice after age agent agreement alert algo
        allocation allocations allow allowed amount amounts anchor answer api app apple application
        applications applied approved apps area arrival at attempt attempted attribute attributed
        attributes auth authentication authorization auto automatic available avenue avs backorders bacs
        balance balances bank barcode behalf behavior billing bin birthday blocked body brand breakdown
        browser building business button buyer by cal calculated calculation campaign cancel canceled
        cancellation cancelled capturable capture captured captures card cardholder cards carrier cart
        case cash categories category cents cert channel charge charges check checkout checks city class
        client closed code codes collection color comment commercelayer committed communication company
        compare completed components computed conditions config configuration confirmation confirmed
        connection consent contact container content context controls conversion cookie copies correlation
        cost count countries country coupon create created creation credit credits currencies currency
        current custom customer cvc cvv cycle data date day days deadline debit decimal decline deep
        default deleted delivered delivery delta deprecated description descriptor destination details
        device dimensions disabled disclosure discount discounted discounts display dispute disputed
        disputes document documentation domain download due duplicate duration duties duty dynamic edit
        effective element eligibility eligible email emails enabled encoding end endpoint enhanced entity
        error estimated event events evidence exchange excluding exempt exemption exemptions exists exp
        expected expiration expires expiry explanation external extra failed failure fax feature features
        fee fees fetch field fields file files filters final finalized financial fingerprint first
        firstname float floor flow flows footer for format formatted fraud fraudulent free from fuel
        fulfillable fulfillment fulfillments funding funds future fx gateway gender gids gift gmt google
        grams graphql greeting gross group groups gte handle happened has hash header headers height
        history hmac holder hosted href html iban id idempotency identifier ids image images in inbound
        included inclusive index indicator individual info initiated installment installments instant
        institution instructions intent interval inventory invoice invoiceitem ip is issued issuing item
        items jurisdiction key keyword kind label landing language last lastname latest latitude length
        level liability liable limit limits line lines link links list livemode locale location log login
        logo longitude lucky management mandate manual marketing marketplace maximum mean measured
        measurement media medium merchant message meta metadata method methods metric minimum mode model
        modified money month more multi multipass name names national neighborhood net network
        networks newsletter next nick non not note notes notification notify number numbers object
        occurred of off office old on opened opt option options order orders origin original outbound
        outcome outstanding owner ownership page paid parent past pay payer payload payment payments
        payout payouts paypal pct pdf pending percent percentage period person phone pid pii placed plan
        platform po policy position post postal posted postings pre preference preferred prefix presence
        presences presentment pretax previous price prices pricing primary privacy processed processing
        producer product productcount promotion promotions properties property proration protection
        provided provider province public published purchase quantity question quote rank rate rates
        rating reason reasons rebuttal receipt received recipient reconciliation record recovered
        recurring redact redirect redirects redisplay ref reference referrer referring refresh refreshed
        refund refundable refunded refunds refusal registration rel related release released remark
        remarks remote removals removed rendering replacement report reported reporting request requested
        require required requirements requires reservation reserve reserved resource response restock
        restocking restricted result retried return returned returns reversal reversed review revision
        risk rounding sale sales save schedule scheduled schedules scope scopes score sec second secret
        secure seen selection self seller sender sent sepa service session set settings settlement setup
        sha ship shipment shipments shipping ships shop sig signature site size sku skus sms
        source spend spending spent staff staffs stage stamp start state statement status stock store
        street subject submission submit subscription subscriptions subtotal success suffix summary
        support supported surname tag tags target tax taxability taxable taxes template terms test
        testcase text that three time timestamp timezone tip title to token tokenization tons topic tos
        total totals trace tracking transaction transactions transfer transfers transform transmission
        trial triggered type types ui uncategorized unit units unsettled until update updated updates url
        urls us usage usd use user value variant variants vat vendor verification verified version voided
        wallet warehouse webhook webhooks website weight width wish wishes with wrap year zip zone
        """
        .split { $0 == " " || $0.isNewline }.map { Array($0.utf8) }
    )

    /// The longest key that is looked at, in bytes.
    private static let maximumLength = 40
    /// The most digits of a key, as in `address2` or `sha256`.
    private static let maximumDigits = 3

    /// Whether a key is made of known words alone: `firstName`, `address-1`, `_links`.
    ///
    /// O(length of the key).
    static func make(_ key: UnsafeRawBufferPointer) -> Bool {
        guard 1...maximumLength ~= key.count else { return false }
        var digits = 0
        var words = 0
        var word: [UInt8] = []
        var previous: UInt8 = 0
        func isKnown() -> Bool { word.isEmpty || all.contains(word) }
        for byte in key {
            let isCapital = 0x41...0x5A ~= byte
            switch byte {
            case 0x41...0x5A, 0x61...0x7A:
                // A capital begins a word, unless it goes on with one that is in capitals.
                if isCapital, !(0x41...0x5A ~= previous) {
                    guard isKnown() else { return false }
                    word.removeAll(keepingCapacity: true)
                }
                if word.isEmpty { words += 1 }
                word.append(byte | 0x20)
            case 0x30...0x39, UInt8(ascii: "_"), UInt8(ascii: "-"):
                guard isKnown() else { return false }
                word.removeAll(keepingCapacity: true)
                if 0x30...0x39 ~= byte { digits += 1 }
            default: return false
            }
            previous = byte
        }
        return isKnown() && words > 0 && digits <= maximumDigits
    }
}
