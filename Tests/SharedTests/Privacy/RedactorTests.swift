import Shared
import Testing

@Suite struct RedactorTests {
    @Test("what is on no list is dropped, except booleans and null")
    func unlisted() throws {
        let result = try PrivacyFixture.redact(
            #"{"name":"Jon","age":42,"ok":true,"no":null,"phone":5321112233,"lat":45.4312350,"n":1234567.8,"#
                + #""o":{"x":"y","z":1},"a":["s",7,123456789,{"k":"v"}],"j":"{\"id\":1}"}"#
        )
        #expect(result.text == #"{"ok":true,"no":null,"o":{},"a":[null,null,null,{}]}"#)
        #expect(result.droppedCount == 12)
        #expect(result.pseudonymisedCount == 0)
        #expect(result.customer == nil)
    }

    @Test("a document of kept fields comes back byte for byte")
    func identical() throws {
        let text =
            #"{"id":820982911946154500,"g":"gid:\/\/shopify\/Order\/820982911946154508","t":"2021-12-31T19:00:00-05:00","#
            + #""p":[{"a":"1.50"},{"a":-0.0e-10}],"n":"\u0023\u0031 é","nested":{"x":{"amount":"1"},"y":{"amount":"2"}},"#
            + #""e":"","b":false,"z":null,"tag":["a","b"]}"#
        let result = try PrivacyFixture.redact(
            text,
            keep: ["id", "g", "t", "p[].a", "nested.*.amount", "e", "b", "z", "tag[]"],
            keepText: ["n"]
        )
        #expect(result.text == text)
        #expect(result.droppedCount == 0)
    }

    @Test("white space between words goes, white space in text stays")
    func whiteSpace() throws {
        let result = try PrivacyFixture.redact(
            "\n{ \"a\" : [ 1 , \"x y\" ,\t{ } ] ,\r\n\"drop\" : \"me\" , \"b\" : { \"c\" : false } }\n",
            keepText: ["a[]"]
        )
        #expect(result.text == #"{"a":[1,"x y",{}],"b":{"c":false}}"#)
    }

    @Test("a root of any kind is redacted")
    func roots() throws {
        #expect(try PrivacyFixture.redact(#""Jon""#).text == "null")
        #expect(try PrivacyFixture.redact("5321112233").text == "null")
        #expect(try PrivacyFixture.redact(" 42 ").text == "null")
        #expect(try PrivacyFixture.redact(" true ").text == "true")
        #expect(try PrivacyFixture.redact("[]").text == "[]")
        #expect(
            try PrivacyFixture.redact(#"[{"id":"x","n":"y"},{"id":"z"}]"#, keep: ["[].id"]).text
                == #"[{"id":"x"},{"id":"z"}]"#
        )
        #expect(try PrivacyFixture.redact(#"[["a"],["b"]]"#, keep: ["[][]"]).text == #"[["a"],["b"]]"#)
    }

    @Test("identities become pseudonyms wherever they are; numbers and text give the same")
    func pseudonyms() throws {
        let result = try PrivacyFixture.redact(
            #"{"email":"JON@example.com","customer":{"id":207119551,"email":"jon@example.com","phone":"0532 111 22 33"},"#
                + #""ids":["207119551",null,"",true]}"#,
            pseudonymise: [
                ("email", .email), ("customer.email", .email), ("customer.phone", .phone),
                ("customer.id", .customerID),
                ("ids[]", .customerID),
            ]
        )
        #expect(
            result.text
                == #"{"email":"\#(PrivacyFixture.jon)","customer":{"id":"\#(PrivacyFixture.customer)","email":"\#(PrivacyFixture.jon)","#
                + #""phone":"\#(PrivacyFixture.phone)"},"ids":["\#(PrivacyFixture.customer)",null,null,true]}"#
        )
        #expect(result.pseudonymisedCount == 5)
        #expect(result.droppedCount == 0)
        #expect(result.customer == PrivacyFixture.jon)
    }

    @Test(
        "the customer is the e-mail address, else the phone number, else the id; the policy's order decides"
    )
    func customer() throws {
        let identities: [(path: String, identity: FieldPolicy.Identity)] = [
            ("id", .customerID), ("phone", .phone), ("second", .email), ("first", .email),
        ]
        func customer(_ text: String) throws -> String? {
            try PrivacyFixture.redact(text, pseudonymise: identities).customer
        }
        let phone = #""phone":"05321112233""#
        let id = #""id":207119551"#
        #expect(
            try customer(#"{\#(id),\#(phone),"first":"a@b","second":"jon@example.com"}"#)
                == PrivacyFixture.jon
        )
        #expect(try customer(#"{"second":"jon@example.com","first":"a@b",\#(id)}"#) == PrivacyFixture.jon)
        #expect(try customer(#"{\#(id),\#(phone),"first":"","second":null}"#) == PrivacyFixture.phone)
        #expect(try customer(#"{\#(id),\#(phone),"first":"-"}"#) == PrivacyFixture.phone)
        #expect(try customer(#"{\#(id),"phone":"123"}"#) == PrivacyFixture.customer)
        #expect(try customer(#"{"phone":null}"#) == nil)
    }

    @Test("a key hidden behind escapes is the key that it says")
    func escapedKeys() throws {
        let result = try PrivacyFixture.redact(
            #"{"\u0065mail":"jon@example.com","\u0069d":"x1","na\u006de":"Jon"}"#,
            keep: ["id"],
            pseudonymise: [("email", .email)]
        )
        let root = try JSONDocument(result.bytes).root
        #expect(root["email"].string == PrivacyFixture.jon)
        #expect(root["id"].string == "x1")
        #expect(root["name"].kind == .missing)
        #expect(result.customer == PrivacyFixture.jon)
    }

    @Test("of duplicate keys each is redacted")
    func duplicateKeys() throws {
        let result = try PrivacyFixture.redact(
            #"{"email":"a@b","email":"jon@example.com","id":"1","id":"2"}"#,
            keep: ["id"],
            pseudonymise: [("email", .email)],
            captures: ["id"]
        )
        #expect(!result.text.contains("@"))
        #expect(result.pseudonymisedCount == 2)
        #expect(result.captured == ["2"])
    }

    @Test("a container at a listed path is walked as if it were on no list")
    func containersAtListedPaths() throws {
        let result = try PrivacyFixture.redact(
            #"{"id":{"x":"y","n":true},"email":["a@b.c"],"t":[["x"]]}"#,
            keep: ["id", "t[]"],
            pseudonymise: [("email", .email)]
        )
        #expect(result.text == #"{"id":{"n":true},"email":[null],"t":[[null]]}"#)
    }

    @Test("keys that may be data are replaced where no policy names them, also under a star")
    func keys() throws {
        let result = try PrivacyFixture.redact(
            #"{"jon@example.com":true,"a":{"+905321112233":{"v":"1.0"},"ok":{"v":"2"}},"Jon Doe":{"x":true},"a\n":null,"#
                + #""listed key":"x"}"#,
            keep: ["a.*.v", "listed key"]
        )
        #expect(
            result.text
                == #"{"redacted-key":true,"a":{"redacted-key":{"v":"1.0"},"ok":{"v":"2"}},"redacted-key":{"x":true},"#
                + #""redacted-key":null,"listed key":"x"}"#
        )
    }

    @Test("kept ids stay, or become a pseudonym as a whole; kept text loses what is personal")
    func keptValues() throws {
        let text =
            #"{"id":"4111111111111112","n":4111111111111111,"sku":"AB 4111 1111 1111 1111","ip":"10.0.0.1"}"#
        let ids = try PrivacyFixture.redact(text, keep: ["id", "n", "sku", "ip"])
        // The vectors were computed with Python's hmac.
        let sku = "h1:k1:239794c9ee42f11f1b58d14762183f617838755b70b3f024d96cfd8e4b91db1b"
        let ip = "h1:k1:2b2439ad8fb5901a3aa0785334ef96798798345495ef41dc1bd69e5ecd8fa194"
        #expect(
            ids.text == #"{"id":"4111111111111112","n":4111111111111111,"sku":"\#(sku)","ip":"\#(ip)"}"#
        )
        #expect(ids.pseudonymisedCount == 2)
        let texts = try PrivacyFixture.redact(text, keepText: ["id", "n", "sku", "ip"])
        #expect(texts.text == #"{"id":"[number]","sku":"AB [card]","ip":"[ip]"}"#)
    }

    @Test("escapes hide nothing from the value rules, and what they leave is escaped again")
    func escapedValues() throws {
        let result = try PrivacyFixture.redact(
            #"{"t":"say \"hi\" to jon\u0040example.com\n","u":"\u0030532 111 22 33"}"#,
            keepText: ["t", "u"],
            captures: ["t"]
        )
        #expect(result.text == #"{"t":"say \"hi\" to [email]\n","u":"[phone]"}"#)
        #expect(result.captured == ["say \"hi\" to [email]\n"])
    }

    @Test("captures show kept values as text, and nothing that is not kept")
    func captures() throws {
        let result = try PrivacyFixture.redact(
            #"{"id":820982911946154500,"test":true,"t":"a\u0062c","note":"Jon","email":"a@b.c","n":null,"o":{"x":[{"y":"1"}]}}"#,
            keep: ["id", "test", "t", "n", "o.x[].y"],
            pseudonymise: [("email", .email)],
            captures: ["id", "test", "t", "note", "email", "n", "gone", "o.x[].y", "o.*[].y"]
        )
        #expect(result.captured == ["820982911946154500", "true", "abc", nil, nil, nil, nil, "1", "1"])
    }

    @Test("what is no JSON, or too deep, is refused with the scanner's reason")
    func refusals() {
        #expect(throws: JSONError(.unexpectedByte, offset: 5)) { try PrivacyFixture.redact(#"{"a":}"#) }
        #expect(throws: JSONError(.tooDeep, offset: 64)) {
            try PrivacyFixture.redact(String(repeating: "[", count: 100_000))
        }
        #expect(throws: JSONError(.empty, offset: 0)) { try PrivacyFixture.redact("") }
    }
}
